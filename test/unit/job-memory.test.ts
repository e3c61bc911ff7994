import { describe, expect, test } from 'vitest';
import { JobMemory, type MemoryLimits } from '../../src/jobs/job-memory.ts';
import type { RememberedPage } from '../../src/jobs/remembered.ts';
import { decodeJob } from '../../src/upstream/decode-job.ts';
import type { Job } from '../../src/upstream/job.ts';
import { UpstreamError } from '../../src/upstream/upstream-error.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { aJob } from '../support/job-builder.ts';

const SPACE = 1;
const ALL = '';
const refusal = new UpstreamError('not-found', '404');

function openMemory(limits: Partial<MemoryLimits> = {}) {
  const clock = createFakeClock();
  const memory = new JobMemory(
    { maxEntries: 1000, maxBytes: 10_000_000, lifetimeMs: 900_000, ...limits },
    clock,
  );

  /** Keeps a page with these jobs, which was asked for just before unless said otherwise. */
  function keepPage(
    jobs: readonly Job[],
    { list = ALL, page = 1, limit = 10, total = 100, askedAt = memory.moment } = {},
  ) {
    const items = jobs.map((each) => ({ identity: each.qrn, job: each }));
    return memory.keepPage(SPACE, list, { page, limit }, { items, total }, askedAt);
  }

  return { clock, memory, keepPage };
}

function job(qrn: string, fields: Readonly<Record<string, unknown>> = {}): Job {
  const decoded = decodeJob(aJob(qrn, fields));
  if (decoded === null) throw new Error('The fields make no job.');
  return decoded.job;
}

const jobs = (...qrns: readonly string[]) => qrns.map((qrn) => job(qrn));

const pageOf = (count: number, prefix: string) =>
  jobs(...Array.from({ length: count }, (_, index) => `${prefix}:${index}`));

/** What a page shows: each job by its name and status. */
function print(page: RememberedPage | null): string[] | null {
  if (page === null) return null;
  return page.value.items.map((item) =>
    item.job instanceof Error
      ? `${item.identity} ${item.job.kind}`
      : `${item.identity} ${item.job.job.status}`,
  );
}

describe('a job', () => {
  test('is kept for the space that read it and no other', () => {
    const { memory } = openMemory();
    memory.keepJob(SPACE, 'a:1', job('a:1'));
    expect([memory.job(SPACE, 'a:1')?.value, memory.job(2, 'a:1'), memory.job(SPACE, 'a:2')]).toMatchObject([
      { job: { qrn: 'a:1' } },
      null,
      null,
    ]);
  });

  test('is kept with the time it was read, also where two are read in one millisecond', () => {
    const { memory, clock } = openMemory();
    memory.keepJob(SPACE, 'a:1', job('a:1'));
    memory.keepJob(SPACE, 'a:2', job('a:2'));
    const [first, second] = [memory.job(SPACE, 'a:1'), memory.job(SPACE, 'a:2')];
    expect([first?.readAtMs, second?.readAtMs]).toEqual([clock.now(), clock.now()]);
    expect(second?.moment).toBeGreaterThan(first?.moment ?? Number.NaN);
    expect(memory.moment).toBe(second?.moment);
  });

  test('gives way to its refusal, and the refusal to the job', () => {
    const { memory } = openMemory();
    const outcomes = [job('a:1'), refusal, job('a:1')].map((outcome) => {
      memory.keepJob(SPACE, 'a:1', outcome);
      return memory.job(SPACE, 'a:1')?.value instanceof UpstreamError;
    });
    expect(outcomes).toEqual([false, true, false]);
  });

  test('that has ended has ended, whatever a list or a later answer says', () => {
    const { memory, keepPage } = openMemory();
    memory.keepJob(SPACE, 'a:1', job('a:1', { status: 'COMPLETED', cost: 3 }));
    expect(print(keepPage(jobs('a:1')))).toEqual(['a:1 COMPLETED']);
    expect(memory.keepJob(SPACE, 'a:1', job('a:1'))).toMatchObject({ job: { status: 'COMPLETED' } });
    expect(memory.job(SPACE, 'a:1')?.value).toMatchObject({ job: { status: 'COMPLETED', cost: 3 } });
  });

  test('is where the whole list had it last', () => {
    const { memory, keepPage } = openMemory();
    const offsets: (number | null | undefined)[] = [];
    const look = () => offsets.push(memory.job(SPACE, 'a:1')?.offset);
    memory.keepJob(SPACE, 'a:1', job('a:1'));
    look();
    keepPage(jobs('a:0', 'a:1'), { page: 3 });
    look();
    keepPage(jobs('a:1'), { list: 'status=RUNNING' });
    look();
    memory.keepJob(SPACE, 'a:1', job('a:1'));
    look();
    expect(offsets).toEqual([null, 21, 21, 21]);
  });
});

describe('a page', () => {
  test.each([
    ['itself', { page: 1, limit: 10 }, 10, 100, { start: 0, end: 10 }, 10],
    ['a part of it', { page: 2, limit: 10 }, 10, 100, { start: 12, end: 15 }, 3],
    ['a count', { page: 1, limit: 10 }, 10, 100, { start: 0, end: 1 }, 1],
    ['no more than it holds', { page: 1, limit: 10 }, 10, 100, { start: 5, end: 11 }, null],
    ['nothing in front of it', { page: 2, limit: 10 }, 10, 100, { start: 9, end: 12 }, null],
    ['more, where the list ends in it', { page: 1, limit: 10 }, 7, 7, { start: 0, end: 50 }, 7],
    ['what is right behind the end of the list', { page: 1, limit: 10 }, 10, 10, { start: 10, end: 20 }, 0],
    ['a part with the end of the list', { page: 2, limit: 10 }, 5, 15, { start: 13, end: 40 }, 2],
    ['an empty list', { page: 1, limit: 1 }, 0, 0, { start: 0, end: 50 }, 0],
    [
      'no more than it holds, where it is shorter than it should be',
      { page: 1, limit: 10 },
      7,
      100,
      { start: 0, end: 20 },
      null,
    ],
  ])('tells of %s', (_, { page, limit }, count, total, span, expected) => {
    const { memory, keepPage } = openMemory();
    keepPage(pageOf(count, 'a'), { page, limit, total });
    const found = memory.page(SPACE, ALL, span);
    expect(found && [found.value.items.length, found.value.total]).toEqual(
      expected === null ? null : [expected, total],
    );
  });

  test('tells nothing of another list, or to another space', () => {
    const { memory, keepPage } = openMemory();
    keepPage(jobs('a:1'));
    const span = { start: 0, end: 1 };
    expect([memory.page(SPACE, 'status=RUNNING', span), memory.page(2, ALL, span)]).toEqual([null, null]);
  });

  test('gives way to a later one that holds all of it, and to no other', () => {
    const { memory, keepPage } = openMemory();
    const narrow = { start: 0, end: 10 };
    keepPage(jobs('old:1'));
    keepPage(jobs('next:1'), { page: 2 });
    expect(print(memory.page(SPACE, ALL, narrow))).toEqual(['old:1 RUNNING']);
    keepPage(jobs('new:1'), { limit: 20 });
    expect(print(memory.page(SPACE, ALL, narrow))).toEqual(['new:1 RUNNING']);
  });

  test('is one of the last eight of its list', () => {
    const { memory, keepPage } = openMemory();
    for (let page = 1; page <= 9; page += 1) keepPage(pageOf(10, `p${page}`), { page });
    const spanOf = (page: number) => ({ start: page * 10 - 10, end: page * 10 });
    expect([1, 2, 9].map((page) => memory.page(SPACE, ALL, spanOf(page)) !== null)).toEqual([
      false,
      true,
      true,
    ]);
  });

  test('shows what became known of its jobs since', () => {
    const { memory, keepPage } = openMemory();
    keepPage(jobs('a:1', 'a:2'));
    memory.keepJob(SPACE, 'a:2', job('a:2', { status: 'COMPLETED' }));
    expect(print(memory.page(SPACE, ALL, { start: 0, end: 10 }))).toEqual(['a:1 RUNNING', 'a:2 COMPLETED']);
  });

  test('is not shown again once one of its jobs was refused', () => {
    const { memory, keepPage } = openMemory();
    keepPage(jobs('a:1', 'a:2'));
    memory.keepJob(SPACE, 'a:2', refusal);
    expect(memory.page(SPACE, ALL, { start: 0, end: 10 })).toBeNull();
    expect(print(memory.page(SPACE, ALL, { start: 0, end: 1 }))).toEqual(['a:1 RUNNING']);
    keepPage(jobs('a:1', 'a:2'));
    expect(print(memory.page(SPACE, ALL, { start: 0, end: 10 }))).toEqual(['a:1 RUNNING', 'a:2 RUNNING']);
  });

  test('that was asked for before a job was read does not overwrite it', () => {
    const { memory, keepPage } = openMemory();
    const askedAt = memory.moment;
    memory.keepJob(SPACE, 'a:1', job('a:1', { status: 'RUNNING' }));
    memory.keepJob(SPACE, 'a:2', refusal);
    const page = keepPage([job('a:1', { status: 'QUEUED' }), job('a:2'), job('a:3')], { askedAt });
    expect(print(page)).toEqual(['a:1 RUNNING', 'a:2 not-found', 'a:3 RUNNING']);
    expect(memory.job(SPACE, 'a:2')?.value).toBe(refusal);
  });

  test('that was asked for before a job was read tells of its end all the same', () => {
    const { memory, keepPage } = openMemory();
    const askedAt = memory.moment;
    memory.keepJob(SPACE, 'a:1', job('a:1'));
    expect(print(keepPage([job('a:1', { status: 'FAILED' })], { askedAt }))).toEqual(['a:1 FAILED']);
  });

  test('keeps the place of what cannot be read', () => {
    const { memory } = openMemory();
    const broken = { identity: '{"a":1}', job: new UpstreamError('invalid-response', 'broken') };
    memory.keepPage(SPACE, ALL, { page: 1, limit: 10 }, { items: [broken], total: 1 }, memory.moment);
    expect(print(memory.page(SPACE, ALL, { start: 0, end: 10 }))).toEqual(['{"a":1} invalid-response']);
    expect(memory.job(SPACE, '{"a":1}')).toBeNull();
  });
});

describe('what was looked for in vain', () => {
  test('is known for a while, by list', () => {
    const { memory, clock } = openMemory();
    memory.keepMissing(SPACE, ALL, 'a:1', 60_000);
    const look = () => [
      memory.isMissing(SPACE, ALL, 'a:1'),
      memory.isMissing(SPACE, 'statusGroup=pending', 'a:1'),
      memory.isMissing(SPACE, ALL, 'a:2'),
      memory.isMissing(SPACE, ALL, null),
      memory.isMissing(2, ALL, 'a:1'),
    ];
    expect(look()).toEqual([true, false, false, false, false]);
    clock.advance(60_001);
    expect(look()[0]).toBe(false);
  });

  test('is no longer missing once the list holds it', () => {
    const { memory, keepPage } = openMemory();
    for (const list of [ALL, 'statusGroup=pending']) memory.keepMissing(SPACE, list, 'a:1', 60_000);
    keepPage(jobs('a:1'));
    expect([ALL, 'statusGroup=pending'].map((list) => memory.isMissing(SPACE, list, 'a:1'))).toEqual([
      false,
      true,
    ]);
  });
});

describe('the life of what is kept', () => {
  test('is as long as was said, for jobs and pages', () => {
    const { memory, clock, keepPage } = openMemory({ lifetimeMs: 5000 });
    keepPage(jobs('a:1'));
    const look = () => [
      memory.job(SPACE, 'a:1') !== null,
      memory.page(SPACE, ALL, { start: 0, end: 10 }) !== null,
    ];
    clock.advance(5000);
    expect(look()).toEqual([true, true]);
    clock.advance(1);
    expect(look()).toEqual([false, false]);
  });

  test('begins anew with each reading, but not with one that knows less', () => {
    const { memory, clock, keepPage } = openMemory({ lifetimeMs: 5000 });
    memory.keepJob(SPACE, 'a:1', job('a:1', { status: 'COMPLETED' }));
    memory.keepJob(SPACE, 'a:2', job('a:2'));
    clock.advance(3000);
    keepPage(jobs('a:1', 'a:2'));
    clock.advance(3000);
    expect([memory.job(SPACE, 'a:1'), memory.job(SPACE, 'a:2')]).toMatchObject([null, { value: {} }]);
  });

  test('of a page does not begin anew with another page of its list', () => {
    const { memory, clock, keepPage } = openMemory({ lifetimeMs: 5000 });
    keepPage(pageOf(10, 'a'));
    clock.advance(3000);
    keepPage(pageOf(10, 'b'), { page: 2 });
    clock.advance(3000);
    const look = (start: number) => memory.page(SPACE, ALL, { start, end: start + 10 }) !== null;
    expect([look(0), look(10)]).toEqual([false, true]);
  });
});

describe('what is kept is bounded', () => {
  test('by entries, under a million different jobs', () => {
    const { memory } = openMemory({ maxEntries: 5000, maxBytes: 1_000_000_000 });
    const sample = job('a:0');
    const sizes: number[] = [];
    for (let page = 1; page <= 10_000; page += 1) {
      const items = Array.from({ length: 100 }, (_, index) => {
        const qrn = `a:${page * 100 + index}`;
        return { identity: qrn, job: { ...sample, qrn } };
      });
      memory.keepPage(SPACE, ALL, { page, limit: 100 }, { items, total: 1_000_000 }, memory.moment);
      if (page % 1000 === 0) sizes.push(memory.size.entries);
    }
    expect(new Set(sizes)).toEqual(new Set([5000]));
    expect(memory.size.bytes).toBeLessThan(20_000_000);
  });

  test('by bytes, however large the jobs are', () => {
    const maxBytes = 1_000_000;
    const { memory, keepPage } = openMemory({ maxBytes });
    for (let time = 0; time < 500; time += 1) {
      const metadata = { text: 'x'.repeat(time * 10) };
      memory.keepJob(SPACE, `a:${time}`, job(`a:${time}`, { metadata }));
      keepPage([job(`b:${time}`, { metadata })], { page: time + 1, limit: 1 });
      expect(memory.size.bytes).toBeLessThanOrEqual(maxBytes);
    }
    expect(memory.size.bytes).toBeGreaterThan(maxBytes / 2);
  });

  test.each([
    [
      'text of a job',
      (memory: JobMemory, text: string) => memory.keepJob(SPACE, 'a:1', job('a:1', { statusMsg: text })),
    ],
    [
      'options of a job',
      (memory: JobMemory, text: string) =>
        memory.keepJob(SPACE, 'a:1', job('a:1', { runtimeOptions: { text } })),
    ],
    [
      'name of a list',
      (memory: JobMemory, text: string) =>
        memory.keepPage(SPACE, text, { page: 1, limit: 1 }, { items: [], total: 0 }, 0),
    ],
    [
      'place that cannot be read',
      (memory: JobMemory, text: string) =>
        memory.keepPage(
          SPACE,
          ALL,
          { page: 1, limit: 1 },
          { items: [{ identity: text, job: refusal }], total: 1 },
          0,
        ),
    ],
  ])('counts every large %s', (_, keep) => {
    const { memory } = openMemory();
    keep(memory, 'x'.repeat(100_000));
    expect(memory.size.bytes).toBeGreaterThan(100_000);
  });

  test('and what is too large to be kept is given all the same', () => {
    const { memory, keepPage } = openMemory({ maxBytes: 10_000 });
    const large = job('a:1', { metadata: { text: 'x'.repeat(20_000) } });
    expect(memory.keepJob(SPACE, 'a:1', large)).toMatchObject({ job: { qrn: 'a:1' } });
    expect(print(keepPage([large]))).toEqual(['a:1 RUNNING']);
    expect(memory.job(SPACE, 'a:1')).toBeNull();
  });
});

import { describe, expect, test } from 'vitest';
import { UpstreamError } from '../../src/upstream/upstream-error.ts';
import { notFound, openCaches, PARTITION, printPage, theJob } from '../support/open-caches.ts';

const ended = theJob('a:1', { status: 'COMPLETED', cost: 3 });
const running = theJob('a:1');

describe('a job', () => {
  test('is cached for the partition that read it and no other', () => {
    const { jobs, keepJob } = openCaches();
    keepJob('a:1', running);
    expect([
      jobs.lookup(PARTITION, 'a:1')?.value,
      jobs.lookup(2, 'a:1'),
      jobs.lookup(PARTITION, 'a:2'),
    ]).toMatchObject([{ job: { qrn: 'a:1' } }, null, null]);
  });

  test('is cached with the time it was read, also where two are read in one millisecond', () => {
    const { jobs, clock, keepJob } = openCaches();
    keepJob('a:1', running);
    keepJob('a:2', theJob('a:2'));
    const [first, second] = ['a:1', 'a:2'].map((qrn) => jobs.lookup(PARTITION, qrn)?.read);
    expect([first?.atMs, second?.atMs]).toEqual([clock.now(), clock.now()]);
    expect(first && second && second.seq > first.seq).toBe(true);
  });

  test('does not go back behind the latest change, over a reading that does not say when it was', () => {
    const { jobs, keepJob } = openCaches();
    keepJob('a:1', theJob('a:1', { updatedAt: '2026-01-14T00:00:09Z' }));
    keepJob('a:1', running);
    keepJob('a:1', theJob('a:1', { status: 'QUEUED', updatedAt: '2026-01-14T00:00:05Z' }));
    expect(jobs.lookup(PARTITION, 'a:1')?.value).toMatchObject({ job: { status: 'RUNNING' } });
  });

  test('gives way to its refusal, and the refusal to the job', () => {
    const { jobs, keepJob } = openCaches();
    const outcomes = [running, notFound, running].map((outcome) => {
      keepJob('a:1', outcome);
      return jobs.lookup(PARTITION, 'a:1')?.value instanceof UpstreamError;
    });
    expect(outcomes).toEqual([false, true, false]);
  });

  test('outlives a refusal that was asked for before the job was read', () => {
    const { jobs, ask, now, keepJob } = openCaches();
    const askedSeq = ask();
    keepJob('a:1', running);
    expect(jobs.keep(PARTITION, 'a:1', notFound, now(askedSeq)).value).toMatchObject({ job: running });
  });

  test('that has ended has ended, whatever a list or a later answer says', () => {
    const { jobs, now, keepJob, keepPage } = openCaches();
    keepJob('a:1', ended);
    expect(printPage(keepPage([running]))).toEqual(['a:1 COMPLETED']);
    expect(jobs.keep(PARTITION, 'a:1', running, now()).value).toMatchObject({ job: ended });
    expect(jobs.lookup(PARTITION, 'a:1')?.value).toMatchObject({ job: ended });
  });

  test('that was evicted is not replaced by an answer that was asked for before it was read', () => {
    const { jobs, keepJob, ask, now } = openCaches({ maxEntries: 1 });
    const askedSeq = ask();
    keepJob('a:1', ended);
    keepJob('a:2', theJob('a:2'));
    const given = jobs.keep(PARTITION, 'a:1', running, now(askedSeq));
    expect([given.value, jobs.lookup(PARTITION, 'a:1')]).toMatchObject([{ job: running }, null]);
    keepJob('a:1', running);
    expect(jobs.lookup(PARTITION, 'a:1')?.value).toMatchObject({ job: running });
  });

  test('stands with the times of the answer that it comes from', () => {
    const { jobs, now } = openCaches();
    const when = now();
    jobs.keep(PARTITION, 'a:1', ended, when);
    expect(jobs.keep(PARTITION, 'a:1', running, now())).toMatchObject(when);
  });

  test('is where the whole list had it last', () => {
    const { jobs, keepJob, keepPage } = openCaches();
    const offsets: (number | null | undefined)[] = [];
    const look = () => offsets.push(jobs.lookup(PARTITION, 'a:1')?.offset);
    keepJob('a:1', running);
    look();
    keepPage([theJob('a:0'), running], { page: 3 });
    look();
    keepPage([running], { list: 'status=RUNNING' });
    look();
    keepJob('a:1', running);
    look();
    expect(offsets).toEqual([null, 21, 21, 21]);
  });

  test('lives anew with each reading, but not with one that knows less', () => {
    const { jobs, clock, keepJob, keepPage } = openCaches({ lifetimeMs: 5000 });
    keepJob('a:1', ended);
    keepJob('a:2', theJob('a:2'));
    clock.advance(3000);
    keepPage([running, theJob('a:2')]);
    clock.advance(3000);
    expect([jobs.lookup(PARTITION, 'a:1'), jobs.lookup(PARTITION, 'a:2')]).toMatchObject([
      null,
      { value: {} },
    ]);
  });
});

import { describe, expect, test } from 'vitest';
import { ApiKey } from '../../src/auth/api-key.ts';
import type { FetchedJob } from '../../src/jobs/list-page.ts';
import { GatewayError } from '../../src/lib/gateway-error.ts';
import { findJob } from '../../src/store/find-job.ts';
import { UpstreamError, type UpstreamErrorKind } from '../../src/upstream/upstream-error.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { theJob } from '../support/open-caches.ts';
import { stampAt } from '../support/stamp.ts';

/** What a key answers; one that hangs answers nothing. */
type Behaviour = FetchedJob | Error | 'hangs';

const job: FetchedJob = { job: theJob('a:1'), fetched: stampAt(2) };
const oldJob: FetchedJob = { job: theJob('a:1'), fetched: stampAt(1) };
const failure = (kind: UpstreamErrorKind) => new UpstreamError(kind, kind);

/** Looks for a job with keys that behave like this; `stale` is what a key tells that is held and may be stale. */
function look(
  keys: Readonly<Record<string, Behaviour>>,
  { likeliest = null, stale = {} }: { likeliest?: string | null; stale?: Record<string, FetchedJob> } = {},
) {
  const clock = createFakeClock();
  const asked: string[] = [];
  const credentials = Object.keys(keys).map((label) => ({ label, key: new ApiKey(label) }));
  const answer = findJob(job.job.qrn, {
    credentials,
    lastToSee: () => credentials.find(({ label }) => label === likeliest) ?? null,
    lastSeen: ({ label }) => stale[label] ?? null,
    clock,
    readJob: async (_, { label }, mayBeStale) => {
      asked.push(mayBeStale ? `${label}, stale or not` : label);
      const behaviour = (mayBeStale ? stale[label] : undefined) ?? keys[label];
      if (behaviour === undefined || behaviour === 'hangs') return new Promise(() => {});
      if (behaviour instanceof Error) throw behaviour;
      return behaviour;
    },
  });
  return { answer, clock, asked };
}

describe('a job is looked for', () => {
  test('with the likeliest key alone, where that has it', async () => {
    const { answer, asked, clock } = look({ alice: job, bob: job }, { likeliest: 'bob' });
    expect([await answer, asked, clock.pending]).toEqual([{ ...job, keys: ['bob'] }, ['bob'], 0]);
  });

  test('with all keys at once, where none is likelier than the others', async () => {
    const { answer, asked } = look({ alice: failure('not-found'), bob: job });
    expect([await answer, asked]).toEqual([{ ...job, keys: ['bob'] }, ['alice', 'bob']]);
  });

  test('with the others at once, where the likeliest key fails', async () => {
    const { answer, asked, clock } = look({ alice: job, bob: failure('unavailable') }, { likeliest: 'bob' });
    expect([await answer, asked, clock.pending]).toEqual([{ ...job, keys: ['alice'] }, ['bob', 'alice'], 0]);
  });

  test('with the others after 2 s, where the likeliest key hangs', async () => {
    const { answer, asked, clock } = look({ alice: job, bob: 'hangs' }, { likeliest: 'bob' });
    clock.advance(1999);
    const before = [...asked];
    clock.advance(1);
    expect([await answer, before, asked]).toEqual([
      { ...job, keys: ['alice'] },
      ['bob'],
      ['bob', 'bob, stale or not', 'alice'],
    ]);
  });

  test('for as long as it takes, where there is no other key', async () => {
    const { answer, asked, clock } = look({ alice: job }, { likeliest: 'alice' });
    expect([await answer, asked, clock.pending]).toEqual([
      { ...job, keys: ['alice'] },
      ['alice, stale or not'],
      0,
    ]);
  });
});

describe('a key that is held', () => {
  test('gives way to one that tells at once, and does not show its stale copy', async () => {
    const { answer, asked } = look(
      { alice: job, bob: failure('rate-limited') },
      { likeliest: 'bob', stale: { bob: oldJob } },
    );
    expect([await answer, asked]).toEqual([{ ...job, keys: ['alice'] }, ['bob', 'alice']]);
  });

  test('shows its stale copy where no other key has the job', async () => {
    const { answer } = look(
      { alice: failure('not-found'), bob: failure('rate-limited') },
      { likeliest: 'bob', stale: { bob: oldJob } },
    );
    expect(await answer).toEqual({ ...oldJob, keys: ['bob'] });
  });

  test('shows its stale copy where all are held', async () => {
    const held = failure('rate-limited');
    const { answer } = look({ alice: held, bob: held }, { likeliest: 'bob', stale: { bob: oldJob } });
    expect(await answer).toEqual({ ...oldJob, keys: ['bob'] });
  });
});

describe('where no key gives the job', () => {
  test.each<[string, Record<string, UpstreamErrorKind>, string[]]>([
    [
      'the refusal comes first, since the job exists',
      { a: 'not-found', b: 'timeout', c: 'forbidden' },
      ['c', 'b', 'a'],
    ],
    [
      'a key that could not answer comes before one that knows no job',
      { a: 'not-found', b: 'unavailable' },
      ['b', 'a'],
    ],
    ['a key that is held could not answer', { a: 'not-found', b: 'rate-limited' }, ['b', 'a']],
  ])('%s', async (_, kinds, labels) => {
    const keys = Object.fromEntries(Object.entries(kinds).map(([label, kind]) => [label, failure(kind)]));
    const error = await look(keys).answer.catch((each: unknown) => each);
    expect(error).toMatchObject({ kind: 'keys-failed', failures: labels.map((label) => ({ label })) });
  });

  test('a fault of ours is not taken for a refusal', async () => {
    const fault = new TypeError('ours');
    const { answer } = look({ alice: failure('not-found'), bob: fault });
    await expect(answer).rejects.toBe(fault);
  });

  test('a fault of ours at the likeliest key is told at once', async () => {
    const fault = new TypeError('ours');
    const { answer, asked, clock } = look({ alice: job, bob: fault }, { likeliest: 'bob' });
    await expect(answer).rejects.toBe(fault);
    expect([asked, clock.pending]).toEqual([['bob'], 0]);
  });

  test('an operation that has no more requests is told so', async () => {
    const dear = new GatewayError('too-expensive', 'too expensive');
    await expect(look({ alice: dear, bob: failure('not-found') }).answer).rejects.toBe(dear);
  });
});

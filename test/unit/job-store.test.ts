import { describe, expect, test } from 'vitest';
import { ApiKey } from '../../src/auth/api-key.ts';
import { type Seq, toSeq } from '../../src/jobs/seq.ts';
import { GatewayError } from '../../src/lib/gateway-error.ts';
import { createJobStore } from '../../src/store/job-store.ts';
import { decodeJob } from '../../src/upstream/decode-job.ts';
import type { PageRequest } from '../../src/upstream/job-list.ts';
import { UpstreamError } from '../../src/upstream/upstream-error.ts';
import { aScope } from '../support/account-builder.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { someJobs } from '../support/job-builder.ts';
import { scriptedClient } from '../support/scripted-client.ts';
import { STORE_LIMITS } from '../support/store-limits.ts';

const key = new ApiKey('alice-key');

/** A store over an upstream with 100 jobs, without HTTP between them; `fail` makes upstream fail. */
function openStore({ random = (): number => 0.5, fail = (): UpstreamError | null => null } = {}) {
  const clock = createFakeClock();
  const jobs = someJobs(100).flatMap((raw) => decodeJob(raw)?.job ?? []);
  const pages: PageRequest[] = [];
  const client = scriptedClient({
    async getJob(_, qrn) {
      const job = jobs.find((each) => each.qrn === qrn);
      throw fail() ?? new UpstreamError(job === undefined ? 'not-found' : 'unavailable', 'no');
    },
    async listJobs(_, __, page) {
      pages.push(page);
      const items = jobs.slice((page.page - 1) * page.limit, page.page * page.limit);
      return { items: items.map((job) => ({ identity: job.qrn, isNamed: true, job })), total: jobs.length };
    },
  });
  const store = createJobStore({
    ...STORE_LIMITS,
    client,
    clock,
    random,
  });
  const scope = () => aScope({ startedSeq: store.seq });
  const list = async (...numbers: readonly PageRequest[]) => {
    const requests = numbers.map((page) => ({ filter: {}, page }));
    const answers = await store.listJobs(key, requests, scope());
    return answers.map((answer) =>
      answer instanceof Error ? answer.message : answer.items.map(({ identity }) => identity),
    );
  };
  return { store, clock, scope, list, pages };
}

const names = (start: number, end: number) =>
  Array.from({ length: end - start }, (_, index) => `qbraid:job:${start + index}`);

describe('pages', () => {
  test('that are parts of another one asked for with them are cut from it, wherever they stand', async () => {
    const { list, pages } = openStore();
    expect(await list({ page: 3, limit: 10 }, { page: 1, limit: 50 }, { page: 5, limit: 1 })).toEqual([
      names(20, 30),
      names(0, 50),
      names(4, 5),
    ]);
    expect(pages).toEqual([{ page: 1, limit: 50 }]);
  });

  test('that are not are asked for', async () => {
    const { list, pages } = openStore();
    expect(await list({ page: 2, limit: 50 }, { page: 1, limit: 50 })).toEqual([
      names(50, 100),
      names(0, 50),
    ]);
    expect(pages).toHaveLength(2);
  });
});

describe('a batch that asks the cache alone', () => {
  const outcomes = async (qrns: readonly string[], since?: Seq) => {
    const { store, scope, list, pages } = openStore();
    const startedSeq = since ?? store.seq;
    await list({ page: 1, limit: 50 });
    const jobs = await store.getJobs(key, qrns, { ...scope(), startedSeq, maxAgeMs: 0, onlyIfCached: true });
    const given = jobs.map((job) => (job instanceof GatewayError ? job.kind : 'job' in job && job.job.qrn));
    return { given, pages: pages.length, used: store.budgetOf(key).used };
  };

  test('gets the jobs that a page told of, and sends nothing for the others', async () => {
    expect(await outcomes(names(40, 60))).toEqual({
      given: [...names(40, 50), ...Array(10).fill('too-expensive')],
      pages: 1,
      used: 1,
    });
  });

  test('gets none that was read before', async () => {
    const after = toSeq(Number.MAX_SAFE_INTEGER);
    expect(await outcomes(names(0, 3), after)).toEqual({
      given: Array(3).fill('too-expensive'),
      pages: 1,
      used: 1,
    });
  });
});

test('a process by itself hears of no news', async () => {
  const { store, list } = openStore();
  let count = 0;
  const unsubscribe = store.onNews(key, () => {
    count += 1;
  });
  await list({ page: 1, limit: 50 });
  unsubscribe();
  expect(count).toBe(0);
});

describe('the pace of a key', () => {
  test('is that of its budget', async () => {
    const { store, scope, clock } = openStore();
    expect(store.paceOf(key)).toEqual({ slowdown: 1, waitMs: 0 });
    await Promise.all(names(100, 190).map((qrn) => store.getJobs(key, [qrn], scope())));
    expect(store.paceOf(key)).toEqual({ slowdown: 5, waitMs: 0 });
    clock.advance(900_000);
    expect(store.paceOf(key)).toEqual({ slowdown: 1, waitMs: 0 });
  });

  test('is never so slow that nobody finds out when it may be quicker again', async () => {
    const { store, scope } = openStore();
    await Promise.all(names(100, 1000).map((qrn) => store.getJobs(key, [qrn], scope())));
    expect(store.paceOf(key)).toEqual({ slowdown: 15, waitMs: 900_000 });
  });

  test('waits as chance has it where upstream does not say how long', async () => {
    const fail = () => new UpstreamError('rate-limited', '429');
    const { store, scope } = openStore({ fail, random: () => 0.25 });
    await store.getJobs(key, ['a:1'], scope());
    expect(store.paceOf(key)).toEqual({ slowdown: 1, waitMs: 625 });
  });
});

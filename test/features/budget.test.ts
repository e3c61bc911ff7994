import { describe, expect, test, vi } from 'vitest';
import { createTestGateway, type QueryOptions } from '../support/create-test-gateway.ts';
import { holdAnswers } from '../support/held-answers.ts';
import { aJob, someJobs } from '../support/job-builder.ts';
import { jobService, overriding, refusal } from '../support/job-service.ts';
import { arrived } from '../support/pass-time.ts';
import type { UpstreamBehaviour } from '../support/scripted-upstream.ts';

const WINDOW_MS = 900_000;
const START = '2026-01-15T00:00:00.000Z';

const rateLimit = '{ rateLimit { key limit used remaining resetAt } }';
const readJob = '{ job(qrn: "a:1") { status fetchedAt } }';
const readList = '{ jobs(first: 10) { nodes { qrn fetchedAt } } }';
const noCache: QueryOptions = { headers: { 'cache-control': 'no-cache' } };

/** The time so many milliseconds after the start. */
const timeAfter = (ms: number) => new Date(Date.parse(START) + ms).toISOString();

/** An error that says to come back later. */
const comeBackIn = (retryAfterMs: number) => ({ extensions: { code: 'RATE_LIMITED', retryAfterMs } });

/** A gateway whose service has the jobs `a:1` to `a:99`, unless `answer` has another answer. */
async function openGateway({
  requests = 1000,
  windowMs = WINDOW_MS,
  answer = (): UpstreamBehaviour | undefined => undefined,
} = {}) {
  const jobs = Array.from({ length: 99 }, (_, index) => aJob(`a:${index + 1}`));
  const gateway = await createTestGateway(
    overriding(jobService({ 'alice-key': jobs, 'bob-key': jobs }), answer),
    {
      RATE_LIMIT_REQUESTS: String(requests),
      RATE_LIMIT_WINDOW_MS: String(windowMs),
    },
  );

  /** Spends so many requests of Alice's, each on a job of its own, from `a:50` on. */
  async function spend(count: number, options: QueryOptions = {}) {
    for (let index = 0; index < count; index += 1) {
      const { errors = [] } = await gateway.query(`{ job(qrn: "a:${50 + index}") { qrn } }`, options);
      expect(errors).toEqual([]);
    }
  }

  return { ...gateway, spend, asked: () => gateway.upstream.requests.length };
}

describe('rateLimit', () => {
  test('shows what is left of each key, and costs nothing', async () => {
    const { query, asked, clock } = await openGateway();
    await query(readJob, { key: 'bob-key' });
    clock.advance(1000);
    await query('{ job(qrn: "a:2") { qrn } }', { key: 'bob-key' });
    expect(await query(rateLimit, { keys: 'alice=alice-key, bob=bob-key' })).toEqual({
      data: {
        rateLimit: [
          { key: 'alice', limit: 1000, used: 0, remaining: 1000, resetAt: null },
          { key: 'bob', limit: 1000, used: 2, remaining: 998, resetAt: timeAfter(WINDOW_MS) },
        ],
      },
    });
    expect(asked()).toBe(2);
  });

  test('counts the last window only', async () => {
    const { query, clock, spend } = await openGateway();
    await spend(2);
    clock.advance(1000);
    await query(readJob);
    clock.advance(WINDOW_MS - 1000);
    expect((await query(rateLimit)).data.rateLimit).toEqual([
      { key: 'default', limit: 1000, used: 1, remaining: 999, resetAt: timeAfter(WINDOW_MS + 1000) },
    ]);
  });

  test('shows the limit that the environment sets', async () => {
    const { query, spend } = await openGateway({ requests: 10, windowMs: 5000 });
    await spend(2);
    expect((await query(rateLimit)).data.rateLimit).toEqual([
      { key: 'default', limit: 10, used: 2, remaining: 8, resetAt: timeAfter(5000) },
    ]);
  });

  test.each<[string, UpstreamBehaviour]>([
    ['is refused', refusal(403, 'no')],
    ['finds nothing', refusal(404, 'no')],
    ['is not accepted', refusal(401, 'no')],
    ['is too many', refusal(429, 'no')],
    ['fails', { status: 500 }],
    ['is answered with nonsense', { body: 'nonsense' }],
  ])('counts a request that %s', async (_, answer) => {
    const { query } = await openGateway({ answer: () => answer });
    await query(readJob);
    expect((await query(rateLimit)).data.rateLimit[0].used).toBe(1);
  });

  test('counts both tries of a request whose connection was lost', async () => {
    const { query } = await openGateway({ answer: () => 'reset' });
    await query(readJob);
    expect((await query(rateLimit)).data.rateLimit[0].used).toBe(2);
  });

  test('counts a request that was given up', async () => {
    const { query, upstream } = await openGateway({ answer: () => 'hang' });
    const leaver = new AbortController();
    const left = query(readJob, { signal: leaver.signal }).catch(() => 'gone');
    await upstream.received(1);
    leaver.abort();
    await left;
    expect((await query(rateLimit)).data.rateLimit[0].used).toBe(1);
  });

  test('counts a request once, however many share it', async () => {
    const { query } = await openGateway();
    await Promise.all([query(readJob), query(readJob), query('{ job(qrn: "a:1") { name } }')]);
    expect((await query(rateLimit)).data.rateLimit[0].used).toBe(1);
  });

  test('needs a key', async () => {
    const { query } = await openGateway();
    expect((await query(rateLimit, { key: null })).errors).toMatchObject([
      { extensions: { code: 'UNAUTHENTICATED' } },
    ]);
  });
});

describe('a key whose requests are spent', () => {
  test('asks for nothing until the first of them is a window old', async () => {
    const { query, clock, spend, asked } = await openGateway({ requests: 10 });
    await spend(4);
    clock.advance(60_000);
    await query('{ a: job(qrn: "a:10") { qrn } b: job(qrn: "a:11") { qrn } }');
    await query('{ a: job(qrn: "a:12") { qrn } b: job(qrn: "a:13") { qrn } }');
    await query('{ job(qrn: "a:14") { qrn } }');
    expect((await query(readJob)).errors).toMatchObject([comeBackIn(WINDOW_MS - 60_000)]);
    clock.advance(WINDOW_MS - 60_001);
    expect((await query(readJob)).errors).toMatchObject([comeBackIn(1)]);
    expect(asked()).toBe(9);
    clock.advance(1);
    expect(await query(readJob)).toMatchObject({ data: { job: { status: 'RUNNING' } } });
  });

  test('gets what the store has, marked as stale, and nothing else', async () => {
    const { query, clock, spend, asked } = await openGateway({ requests: 10 });
    await query(readJob);
    await query('{ jobs(first: 5, filter: { search: "x" }) { nodes { qrn } } }');
    await spend(7);
    clock.advance(600_000);
    const answer = await query(`{
      known: job(qrn: "a:1") { status fetchedAt }
      list: jobs(first: 2, filter: { search: "x" }) { totalCount nodes { fetchedAt } }
      unknown: job(qrn: "a:49") { qrn }
      rateLimit { remaining }
    }`);
    expect(answer).toMatchObject({
      data: {
        known: { status: 'RUNNING', fetchedAt: START },
        list: { totalCount: 99, nodes: [{ fetchedAt: START }, { fetchedAt: START }] },
        unknown: null,
        rateLimit: [{ remaining: 1 }],
      },
      errors: [comeBackIn(300_000)],
      extensions: { stale: true },
    });
    expect(asked()).toBe(9);
  });

  test('still has its last tenth for clients that send no-cache', async () => {
    const { query, clock, spend, asked } = await openGateway({ requests: 10 });
    await query(readJob);
    await spend(8);
    clock.advance(5000);
    expect(await query(readJob)).toMatchObject({
      data: { job: { fetchedAt: START } },
      extensions: { stale: true },
    });
    expect(await query(readJob, noCache)).toEqual({
      data: { job: { status: 'RUNNING', fetchedAt: timeAfter(5000) } },
    });
    expect(asked()).toBe(10);
    clock.advance(5000);
    expect(await query(readJob, noCache)).toEqual({
      data: { job: { status: 'RUNNING', fetchedAt: timeAfter(5000) } },
      extensions: { stale: true },
    });
    expect(asked()).toBe(10);
  });

  test('leaves other keys alone', async () => {
    const { query, spend } = await openGateway({ requests: 10 });
    await spend(9);
    expect(await query(readJob, { key: 'bob-key' })).toEqual({
      data: { job: { status: 'RUNNING', fetchedAt: START } },
    });
    const team = { keys: 'alice=alice-key, bob=bob-key' };
    const { data, errors } = await query('{ jobs(first: 1) { nodes { keys } } }', team);
    expect([data.jobs.nodes, errors]).toMatchObject([
      [{ keys: ['bob'] }],
      [{ extensions: { code: 'RATE_LIMITED', key: 'alice' } }],
    ]);
  });

  test('lets its clients join what one of them may still read', async () => {
    const jobs = someJobs(20);
    const held = holdAnswers(jobService({ 'alice-key': jobs }), (path) => path.endsWith(':19'));
    const { query, upstream } = await createTestGateway(held.script, { RATE_LIMIT_REQUESTS: '10' });
    for (let index = 0; index < 9; index += 1) await query(`{ job(qrn: "qbraid:job:${index}") { qrn } }`);
    const urgent = query('{ job(qrn: "qbraid:job:19") { qrn } }', noCache);
    await upstream.received(10);
    const other = query('{ job(qrn: "qbraid:job:19") { name } rateLimit { used } }');
    await arrived();
    held.release();
    expect(await Promise.all([urgent, other])).toMatchObject([
      { data: { job: { qrn: 'qbraid:job:19' } } },
      { data: { job: { name: 'Bell pair' } } },
    ]);
  });
});

describe('polling', () => {
  /** Polls every 2 s for two windows of 5 minutes: how old each answer was, and whether it said that it is stale. */
  async function poll(requests: number, document: string, pick: (data: never) => string) {
    const windowMs = 300_000;
    const { query, clock, asked } = await openGateway({ requests, windowMs });
    const polls: { atMs: number; ageMs: number; isStale: boolean }[] = [];
    for (let atMs = 0; atMs < 2 * windowMs; atMs += 2000) {
      const { data, errors = [], extensions } = await query(document);
      expect(errors).toEqual([]);
      const ageMs = clock.now() - Date.parse(pick(data as never));
      polls.push({ atMs, ageMs, isStale: extensions?.['stale'] === true });
      clock.advance(2000);
    }
    return { polls, asked: asked() };
  }

  test.each([
    ['a job', readJob, ({ job }: { job: { fetchedAt: string } }) => job.fetchedAt],
    [
      'a list',
      readList,
      ({ jobs }: { jobs: { nodes: { fetchedAt: string }[] } }) => jobs.nodes[0]?.fetchedAt ?? '',
    ],
  ])('of %s slows down as requests run low, and says so, but never stops', async (_, document, pick) => {
    const { polls, asked } = await poll(40, document, pick as never);
    const ages = polls.map(({ ageMs }) => ageMs);
    expect(asked).toBeLessThanOrEqual(2 * 36);
    // The first answers are as fresh as ever; then freshness goes by what is left: about 36 requests for a window.
    expect(ages.slice(0, 5)).toEqual([0, 0, 0, 0, 0]);
    expect(Math.max(...ages)).toBeLessThanOrEqual(14_000);
    expect(polls.filter(({ ageMs, isStale }) => isStale !== ageMs >= 2000)).toEqual([]);
  });

  test('leaves something for what was not read before', async () => {
    const windowMs = 300_000;
    const { query, clock } = await openGateway({ requests: 40, windowMs });
    for (let atMs = 0; atMs < windowMs / 2; atMs += 2000) {
      await query(readJob);
      clock.advance(2000);
    }
    expect(await query('{ job(qrn: "a:2") { status } }')).toEqual({ data: { job: { status: 'RUNNING' } } });
  });

  test('does not slow down what must be fresh', async () => {
    const { query, clock } = await openGateway({ requests: 20 });
    const ages: number[] = [];
    for (let time = 0; time < 20; time += 1) {
      const { data } = await query(readJob, noCache);
      ages.push(clock.now() - Date.parse(data.job.fetchedAt));
      clock.advance(2000);
    }
    expect(new Set(ages)).toEqual(new Set([0]));
  });
});

describe('a 429 of upstream', () => {
  test('is kept to: until then nothing is asked, and what is known is shown', async () => {
    let answer: UpstreamBehaviour | undefined;
    const { query, clock, asked } = await openGateway({ answer: () => answer });
    await query(readJob);
    await query(readList);
    answer = refusal(429, 'Too many requests', { 'retry-after': '7' });
    clock.advance(3000);
    expect((await query('{ job(qrn: "a:49") { qrn } }')).errors).toMatchObject([
      { extensions: { code: 'RATE_LIMITED', retryAfterMs: 7000, upstream: { status: 429 } } },
    ]);
    answer = undefined;
    clock.advance(3000);
    for (const options of [{}, noCache]) {
      expect(
        await query(
          `{ job(qrn: "a:1") { fetchedAt } jobs(first: 1) { nodes { fetchedAt } } other: job(qrn: "a:49") { qrn } }`,
          options,
        ),
      ).toMatchObject({
        data: { job: { fetchedAt: START }, jobs: { nodes: [{ fetchedAt: START }] }, other: null },
        errors: [comeBackIn(4000)],
        extensions: { stale: true },
      });
    }
    expect(asked()).toBe(3);
    clock.advance(4000);
    expect(await query(readJob)).toEqual({
      data: { job: { status: 'RUNNING', fetchedAt: timeAfter(10_000) } },
    });
  });

  test('that a read meets itself is answered with what is known', async () => {
    let answer: UpstreamBehaviour | undefined;
    const { query, clock, asked } = await openGateway({ answer: () => answer });
    await query(readJob);
    answer = refusal(429, 'Too many requests');
    clock.advance(60_000);
    expect(await query(readJob)).toEqual({
      data: { job: { status: 'RUNNING', fetchedAt: START } },
      extensions: { stale: true },
    });
    expect(asked()).toBe(2);
  });

  test('shows in rateLimit', async () => {
    const { query, clock } = await openGateway({ answer: () => refusal(429, 'no', { 'retry-after': '7' }) });
    await query(readJob);
    const look = async () => (await query(rateLimit)).data.rateLimit;
    expect(await look()).toEqual([
      { key: 'default', limit: 1000, used: 1, remaining: 0, resetAt: timeAfter(7000) },
    ]);
    clock.advance(7000);
    expect(await look()).toEqual([
      { key: 'default', limit: 1000, used: 1, remaining: 999, resetAt: timeAfter(WINDOW_MS) },
    ]);
  });

  test.each([
    ['the seconds it names', { 'retry-after': '5' }, 5000],
    ['the date it names', { 'retry-after': 'Thu, 15 Jan 2026 00:00:09 GMT' }, 9000],
    ['no longer than a window', { 'retry-after': '86400' }, WINDOW_MS],
    ['a while of its own where it names nothing', {}, 750],
    ['a while of its own where it names nonsense', { 'retry-after': 'soon' }, 750],
  ])('is kept to for %s', async (_, headers, retryAfterMs) => {
    vi.spyOn(Math, 'random').mockReturnValue(0.5);
    const { query, clock, asked } = await openGateway({ answer: () => refusal(429, 'no', headers as never) });
    expect((await query(readJob)).errors).toMatchObject([comeBackIn(retryAfterMs)]);
    clock.advance(retryAfterMs - 1);
    expect((await query(readJob, noCache)).errors).toMatchObject([comeBackIn(1)]);
    expect(asked()).toBe(1);
    clock.advance(1);
    await query(readJob);
    expect(asked()).toBe(2);
  });

  test('that comes again and again is waited for longer and longer, up to a minute', async () => {
    vi.spyOn(Math, 'random').mockReturnValue(0.999_999);
    const { query, clock } = await openGateway({ answer: () => refusal(429, 'no') });
    const waits: number[] = [];
    for (let time = 0; time < 8; time += 1) {
      const { errors } = await query(readJob);
      waits.push(Number(errors?.[0]?.extensions['retryAfterMs']));
      clock.advance(waits.at(-1) ?? 0);
    }
    expect(waits).toEqual([1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000]);
  });

  test('to many requests at once is one', async () => {
    vi.spyOn(Math, 'random').mockReturnValue(0.999_999);
    const { query, asked } = await openGateway({ answer: () => refusal(429, 'no') });
    const counts = Array.from(
      { length: 10 },
      (_, index) => `c${index}: jobs(filter: { search: "${index}" }) { totalCount }`,
    );
    const { errors } = await query(`{ ${counts.join(' ')} }`);
    expect(errors?.map(({ extensions }) => extensions['retryAfterMs'])).toEqual(new Array(10).fill(1000));
    expect(asked()).toBe(10);
  });

  test('to the first jobs of a batch keeps the others from being asked for', async () => {
    const { query, asked } = await openGateway({ answer: () => refusal(429, 'no', { 'retry-after': '9' }) });
    const jobs = Array.from({ length: 30 }, (_, index) => `j${index}: job(qrn: "a:${index + 1}") { qrn }`);
    const { errors } = await query(`{ ${jobs.join(' ')} }`);
    expect([asked(), errors?.length]).toEqual([1, 30]);
  });

  test('does not teach that lists do not hold what is asked for', async () => {
    let answer: UpstreamBehaviour | undefined;
    const { query, clock, upstream } = await openGateway({ answer: () => answer });
    const threeJobs = '{ a: job(qrn: "a:1") { qrn } b: job(qrn: "a:2") { qrn } c: job(qrn: "a:3") { qrn } }';
    await query('{ jobs(first: 100, filter: { search: "none" }) { totalCount } }');
    answer = refusal(429, 'no', { 'retry-after': '9' });
    clock.advance(2000);
    await query(threeJobs);
    answer = undefined;
    clock.advance(9000);
    await query(threeJobs);
    expect(upstream.requests.at(-1)?.path).toMatch(/^\/jobs\?.*page=1&limit=100$/);
  });
});

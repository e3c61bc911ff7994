import { describe, expect, test } from 'vitest';
import { createTestGateway, type QueryOptions } from '../support/create-test-gateway.ts';
import { someJobs } from '../support/job-builder.ts';
import { jobService, overriding, refusal } from '../support/job-service.ts';
import type { UpstreamBehaviour, UpstreamRequest } from '../support/scripted-upstream.ts';

const POLL_MS = 1500;
const noCache: QueryOptions = { headers: { 'cache-control': 'no-cache' } };

const readJob = (number: number | string) => `{ job(qrn: "qbraid:job:${number}") { qrn } }`;
const countOf = (search: string) => `{ jobs(filter: { search: "${search}" }) { totalCount } }`;

/** A gateway over 60 jobs of Alice, whose upstream a test may let fail. */
async function openGateway(
  initial: (request: UpstreamRequest) => UpstreamBehaviour | undefined = () => undefined,
  environment: Record<string, string> = {},
) {
  let failing = initial;
  const service = jobService({ 'alice-key': someJobs(60), 'bob-key': someJobs(60) });
  const gateway = await createTestGateway(
    overriding(service, (request) => failing(request)),
    environment,
  );
  const { query, clock, upstream } = gateway;

  /** The code of an answer, or `fine`. */
  const codeOf = async (document: string, options?: QueryOptions) => {
    const { errors } = await query(document, options);
    return errors?.[0]?.extensions.code ?? 'fine';
  };

  /** Polls these documents, all at once, for so long. Gives the codes of the last answers. */
  async function poll(documents: readonly string[], forMs: number): Promise<readonly string[]> {
    let codes: readonly string[] = [];
    for (let atMs = 0; atMs < forMs; atMs += POLL_MS) {
      codes = await Promise.all(documents.map((document) => codeOf(document)));
      clock.advance(POLL_MS);
    }
    return codes;
  }

  const failWith = (answer: UpstreamBehaviour) => {
    failing = () => answer;
  };
  const recover = () => {
    failing = () => undefined;
  };
  return { ...gateway, codeOf, poll, failWith, recover, asked: () => upstream.requests.length };
}

const out = { status: 503 };
const times = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => make(index));

describe('a failure', () => {
  test.each<[string, string, UpstreamBehaviour]>([
    ['a 500', 'UPSTREAM_UNAVAILABLE', { status: 500 }],
    ['a 422', 'BAD_USER_INPUT', refusal(422, [])],
    ['a 409', 'UPSTREAM_REJECTED', refusal(409, 'not yet')],
    ['a broken answer', 'UPSTREAM_INVALID_RESPONSE', { body: 'nonsense' }],
    ['a reset', 'UPSTREAM_UNAVAILABLE', 'reset'],
  ])(
    'like %s is repeated for a moment, also for no-cache, and then asked about anew',
    async (_, code, answer) => {
      const { codeOf, clock, asked } = await openGateway(() => answer);
      const codes = [await codeOf(readJob(1)), await codeOf(readJob(1)), await codeOf(readJob(1), noCache)];
      expect([codes, asked()]).toEqual([[code, code, code], 1]);
      clock.advance(1000);
      expect([await codeOf(readJob(1)), asked()]).toEqual([code, 2]);
    },
  );

  test('that is repeated says how long it will be', async () => {
    const { query, clock } = await openGateway(() => refusal(503, 'out', { 'retry-after': '30' }));
    await query(readJob(1));
    clock.advance(10_000);
    expect((await query(readJob(1))).errors).toMatchObject([
      { extensions: { code: 'UPSTREAM_UNAVAILABLE', retryAfterMs: 20_000, upstream: { status: 503 } } },
    ]);
  });

  test('is repeated twice as long each time, up to 30 s', async () => {
    const { poll, asked } = await openGateway(() => out);
    await poll([readJob(1)], 300_000);
    // The first waits are over soon; then one request every 15 to 30 s.
    expect(asked()).toBeGreaterThanOrEqual(300 / 31.5);
    expect(asked()).toBeLessThanOrEqual(6 + 300 / 15);
  });

  test('of one job or list is no other’s', async () => {
    const { codeOf } = await openGateway(({ path }) => (path.endsWith('job:1') ? out : undefined));
    expect([await codeOf(readJob(1)), await codeOf(readJob(2)), await codeOf(countOf('x'))]).toEqual([
      'UPSTREAM_UNAVAILABLE',
      'fine',
      'fine',
    ]);
  });

  test('is no other key’s', async () => {
    const { codeOf } = await openGateway(({ key }) => (key === 'alice-key' ? out : undefined));
    expect([await codeOf(readJob(1)), await codeOf(readJob(1), { key: 'bob-key' })]).toEqual([
      'UPSTREAM_UNAVAILABLE',
      'fine',
    ]);
  });

  test('shows what is fresh in the cache all the same', async () => {
    const { codeOf, failWith } = await openGateway();
    await codeOf(readJob(1));
    failWith(out);
    expect([await codeOf(readJob(1), noCache), await codeOf(readJob(1))]).toEqual([
      'UPSTREAM_UNAVAILABLE',
      'fine',
    ]);
  });
});

describe('the Retry-After of a 503', () => {
  test.each([
    ['30', 30_000],
    ['3600', 60_000],
  ])('of %s s is kept to for %i ms', async (retryAfter, waitMs) => {
    const { codeOf, clock, asked } = await openGateway(() =>
      refusal(503, 'out', { 'retry-after': retryAfter }),
    );
    await codeOf(readJob(1));
    clock.advance(waitMs - 1);
    await codeOf(readJob(1), noCache);
    expect(asked()).toBe(1);
    clock.advance(1);
    await codeOf(readJob(1));
    expect(asked()).toBe(2);
  });

  test('of 0 s counts as none', async () => {
    const { codeOf, clock, asked } = await openGateway(() => refusal(503, 'out', { 'retry-after': '0' }));
    await codeOf(readJob(1));
    clock.advance(499);
    await codeOf(readJob(1));
    expect(asked()).toBe(1);
  });

  test('in an outage is kept to for the whole key', async () => {
    const { codeOf, poll, asked } = await openGateway(() => refusal(503, 'out', { 'retry-after': '30' }));
    await poll(times(3, readJob), POLL_MS);
    const before = asked();
    await poll([countOf('x'), readJob(9)], 27_000);
    expect([await codeOf(readJob(4)), asked()]).toEqual(['UPSTREAM_UNAVAILABLE', before]);
  });
});

describe('an outage, with 60 clients that poll every 1.5 s,', { timeout: 60_000 }, () => {
  test('costs no more than 10 requests in 36 s where all want the same', async () => {
    const { poll, failWith, recover, asked } = await openGateway();
    const documents = times(60, () => countOf('same'));
    await poll(documents, 3000);
    const before = asked();
    failWith(out);
    await poll(documents, 36_000);
    expect(asked() - before).toBeLessThanOrEqual(10);
    recover();
    await poll(documents.slice(0, 1), 36_000);
    expect(new Set(await poll(documents, POLL_MS))).toEqual(new Set(['fine']));
  });

  test.each<[string, UpstreamBehaviour, Record<string, string>, forMs: number, most: number]>([
    ['of 36 s by 503', out, {}, 36_000, 80],
    ['of 18 s by a reset', 'reset', {}, 18_000, 70],
    // What is read often and without a thought of the budget was read too lately for a failure to be an outage.
    [
      'of 18 s by 503, with a budget that nothing slows down,',
      out,
      { RATE_LIMIT_REQUESTS: '10000' },
      18_000,
      200,
    ],
  ])('%s costs few requests where each wants something else', async (_, answer, environment, forMs, most) => {
    const { poll, failWith, recover, asked } = await openGateway(undefined, environment);
    const documents = times(60, (index) => countOf(`q${index}`));
    await poll(documents, 4500);
    const before = asked();
    failWith(answer);
    await poll(documents, forMs);
    expect(asked() - before).toBeLessThanOrEqual(most);
    recover();
    // Only what was the probe again and again waits longer.
    expect((await poll(documents, 7500)).filter((code) => code === 'fine').length).toBeGreaterThan(50);
  });

  test('costs little more than one request each in 18 s where it was there from the beginning', async () => {
    const { poll, asked } = await openGateway(() => out);
    await poll(
      times(60, (index) => countOf(`q${index}`)),
      18_000,
    );
    expect(asked()).toBeLessThanOrEqual(70);
  });
});

describe('lists that always fail', () => {
  const openPoisoned = () =>
    openGateway(({ path }) => (path.includes('search=poison') ? { status: 500 } : undefined));
  const poisoned = (count: number) => times(count, (index) => countOf(`poison${index}`));

  test.each([3, 10, 30])(
    'by the %i, do not keep others from being read that are polled',
    { timeout: 60_000 },
    async (count) => {
      const { poll, codeOf, clock } = await openPoisoned();
      await poll(poisoned(count), 60_000);
      const fineAtMs: number[] = [];
      for (let atMs = 0; atMs < 60_000; atMs += POLL_MS) {
        await Promise.all(poisoned(count).map((document) => codeOf(document)));
        if ((await codeOf(countOf('healthy'))) === 'fine') fineAtMs.push(atMs);
        clock.advance(POLL_MS);
      }
      const gapsMs = fineAtMs.map((atMs, index) => atMs - (fineAtMs[index - 1] ?? 0));
      expect(Math.max(...gapsMs)).toBeLessThanOrEqual(7500);
    },
  );

  test('do not keep those waiting who come back when they are told', { timeout: 60_000 }, async () => {
    const { poll, query, codeOf, clock } = await openPoisoned();
    await poll(poisoned(10), 60_000);
    const [error] = (await query(countOf('healthy'))).errors ?? [];
    clock.advance(Number(error?.extensions['retryAfterMs'] ?? 0));
    await Promise.all(poisoned(10).map((document) => codeOf(document)));
    expect(await codeOf(countOf('healthy'))).toBe('fine');
  });
});

describe('a key that hangs', () => {
  test.each([
    ['found on list pages', '', 1],
    ['read one by one', 'hidden', 16],
  ])('fails a batch of 50 jobs at one deadline: jobs %s', async (_, prefix, requests) => {
    const jobs = someJobs(50, prefix);
    let isHanging = false;
    const service = jobService({ 'alice-key': jobs }, ({ jobQrn }) => !jobQrn.includes('hidden'));
    const { query, clock, upstream } = await createTestGateway(
      (request) => (isHanging ? 'hang' : service(request)),
      { RATE_LIMIT_REQUESTS: '10000' },
    );
    const fields = jobs.map(({ jobQrn }, index) => `j${index}: job(qrn: "${jobQrn}") { qrn }`);
    const document = `{ ${fields.join(' ')} }`;
    // Lists that do not hold the jobs are known for that after both were searched.
    for (let time = 0; time < 2; time += 1) {
      await query(document);
      clock.advance(2000);
    }
    const before = upstream.requests.length;
    isHanging = true;
    const answer = query(document);
    await upstream.received(before + requests);
    clock.advance(30_000);
    const { errors = [] } = await answer;
    expect([
      new Set(errors.map(({ extensions }) => extensions.code)),
      errors.length,
      upstream.requests.length - before,
    ]).toEqual([new Set(['GATEWAY_TIMEOUT']), 50, requests]);
  });
});

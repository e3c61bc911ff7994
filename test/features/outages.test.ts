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
) {
  let failing = initial;
  const service = jobService({ 'alice-key': someJobs(60), 'bob-key': someJobs(60) });
  const gateway = await createTestGateway(overriding(service, (request) => failing(request)));
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
    ['an answer that breaks off', 'UPSTREAM_UNAVAILABLE', { body: '{}', isCutOff: true }],
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

// How the store deals with outages is specified in test/unit/outages.test.ts.
describe('an outage, with 30 clients that poll every 1.5 s,', () => {
  test.each<[string, UpstreamBehaviour, forMs: number]>([
    ['of 36 s by 503', out, 36_000],
    ['of 18 s by a reset', 'reset', 18_000],
  ])('%s costs few requests where each wants something else', async (_, answer, forMs) => {
    const { poll, failWith, recover, asked } = await openGateway();
    const documents = times(30, (index) => countOf(`q${index}`));
    await poll(documents, 4500);
    const before = asked();
    failWith(answer);
    await poll(documents, forMs);
    expect(asked() - before).toBeLessThanOrEqual(60);
    recover();
    // Only what was the probe again and again waits longer.
    expect((await poll(documents, 7500)).filter((code) => code === 'fine').length).toBeGreaterThan(24);
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
      { RATE_LIMIT_REQUESTS: '10000', STALE_IF_ERROR_MS: '0' },
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

import { describe, expect, test } from 'vitest';
import { createTestGateway, type QueryOptions } from '../support/create-test-gateway.ts';
import { aJob, someJobs } from '../support/job-builder.ts';
import { jobService, overriding } from '../support/job-service.ts';
import { settled } from '../support/pass-time.ts';
import type { UpstreamBehaviour, UpstreamRequest } from '../support/scripted-upstream.ts';

const FRESH_MS = 2000;
const STALE_IF_ERROR_MS = 60_000;
const SLOW_MS = 2000;

const JOB = '{ job(qrn: "qbraid:job:1") { qrn } }';
const LIST = '{ jobs(first: 2) { nodes { qrn } } }';
const BATCH = `{ ${[1, 2, 3, 4].map((number) => `j${number}: job(qrn: "qbraid:job:${number}") { qrn }`).join(' ')} }`;
const DOCUMENTS = [
  ['a job', JOB],
  ['a list', LIST],
  ['a batch', BATCH],
] as const;

/** A gateway over jobs of Alice and Bob that was asked once by each document, and whose upstream a test may let fail. */
async function openGateway(
  environment: Readonly<Record<string, string>> = {},
  options?: QueryOptions,
  documents: readonly string[] = DOCUMENTS.map(([, document]) => document),
) {
  let failing: Parameters<typeof overriding>[1] = () => undefined;
  const service = jobService({ 'alice-key': someJobs(60), 'bob-key': [aJob('bob:1')] });
  const gateway = await createTestGateway(
    overriding(service, (request) => failing(request)),
    environment,
  );
  for (const document of documents) await gateway.query(document, options);
  const failWith = (
    answer: UpstreamBehaviour | Promise<UpstreamBehaviour>,
    isMeant: (request: UpstreamRequest) => boolean = () => true,
  ) => {
    failing = (request) => (isMeant(request) ? answer : undefined);
  };
  const recover = () => {
    failing = () => undefined;
  };
  return { ...gateway, failWith, recover, asked: () => gateway.upstream.requests.length };
}

describe('while upstream is down', () => {
  test.each(DOCUMENTS)('%s that is cached is shown, marked as stale, for a minute', async (_, document) => {
    const { query, clock, failWith } = await openGateway();
    const { data } = await query(document);
    failWith({ status: 503 });

    clock.advance(FRESH_MS + STALE_IF_ERROR_MS);
    expect(await query(document)).toEqual({ data, extensions: { stale: true } });

    clock.advance(1);
    const { errors = [] } = await query(document);
    expect(new Set(errors.map(({ extensions }) => extensions.code))).toEqual(
      new Set(['UPSTREAM_UNAVAILABLE']),
    );
  });

  test.each<[what: string, answer: UpstreamBehaviour]>([
    ['refuses with 500', { status: 500 }],
    ['hangs up', 'reset'],
    ['breaks off its answers', { body: '{', isCutOff: true }],
  ])('and %s, stale answers cost no more requests than failures', async (_, answer) => {
    const { query, clock, failWith, asked } = await openGateway();
    clock.advance(FRESH_MS);
    failWith(answer);
    await query(JOB);
    const before = asked();
    const answers = await Promise.all(Array.from({ length: 20 }, () => query(JOB)));
    expect([new Set(answers.map(({ extensions }) => extensions?.['stale'])), asked()]).toEqual([
      new Set([true]),
      before,
    ]);
  });

  test('only what is not cached fails', async () => {
    const { query, clock, failWith } = await openGateway();
    clock.advance(FRESH_MS);
    failWith({ status: 502 });
    const { data, errors } = await query(
      '{ known: job(qrn: "qbraid:job:1") { qrn } unknown: job(qrn: "b:1") { qrn } }',
    );
    expect([data, errors?.map(({ path, extensions }) => [path, extensions.code])]).toEqual([
      { known: { qrn: 'qbraid:job:1' }, unknown: null },
      [[['unknown'], 'UPSTREAM_UNAVAILABLE']],
    ]);
  });

  test('a client that sends no-cache is told the truth', async () => {
    const { query, failWith } = await openGateway();
    failWith({ status: 503 });
    const { errors } = await query(JOB, { headers: { 'cache-control': 'no-cache' } });
    expect(errors?.[0]?.extensions.code).toBe('UPSTREAM_UNAVAILABLE');
  });

  test('STALE_IF_ERROR_MS=0 shows nothing old', async () => {
    const { query, clock, failWith } = await openGateway({ STALE_IF_ERROR_MS: '0' });
    clock.advance(FRESH_MS);
    failWith({ status: 503 });
    expect((await query(JOB)).errors?.[0]?.extensions.code).toBe('UPSTREAM_UNAVAILABLE');
  });

  test('what was read with one key is shown to no other', async () => {
    const { query, clock, failWith } = await openGateway();
    clock.advance(FRESH_MS);
    failWith({ status: 503 });
    expect((await query(JOB, { key: 'bob-key' })).data).toEqual({ job: null });
  });

  test('a key that fails is no failing source of a team, as long as its list is cached', async () => {
    const team = { keys: 'alice=alice-key, bob=bob-key' };
    const { query, clock, failWith } = await openGateway({}, team, [LIST]);
    const document = '{ jobs(first: 2) { nodes { qrn } sources { key totalCount error { code } } } }';
    const { data } = await query(document, team);
    clock.advance(FRESH_MS);
    failWith({ status: 503 }, ({ key }) => key === 'bob-key');
    expect(await query(document, team)).toEqual({ data, extensions: { stale: true } });
  });

  test('a 404 of long ago is no answer', async () => {
    const { query, clock, failWith } = await openGateway();
    await query('{ job(qrn: "gone:1") { qrn } }');
    clock.advance(FRESH_MS);
    failWith({ status: 503 });
    expect((await query('{ job(qrn: "gone:1") { qrn } }')).errors?.[0]?.extensions.code).toBe(
      'UPSTREAM_UNAVAILABLE',
    );
  });
});

describe('while upstream hangs', () => {
  test.each(DOCUMENTS)('%s that is cached is shown after two seconds', async (_, document) => {
    const { query, clock, failWith, upstream, asked } = await openGateway();
    const { data } = await query(document);
    clock.advance(FRESH_MS);
    failWith('hang');
    const before = asked();

    const answer = query(document);
    await upstream.received(before + 1);
    clock.advance(SLOW_MS);

    expect(await answer).toEqual({ data, extensions: { stale: true } });
  });

  test('the answer that was too late for one client serves the next', async () => {
    const { query, clock, upstream, asked, failWith, recover } = await openGateway();
    clock.advance(FRESH_MS);
    let answerLate = (_: UpstreamBehaviour) => {};
    const late = new Promise<UpstreamBehaviour>((resolve) => {
      answerLate = resolve;
    });
    failWith(late);
    const before = asked();
    const answer = query(LIST);
    await upstream.received(before + 1);
    clock.advance(SLOW_MS);
    await answer;
    recover();

    const next = query(LIST, { headers: { 'x-request-id': 'next' } });
    answerLate({
      body: {
        success: true,
        data: [aJob('new:1'), aJob('new:2')],
        pagination: { page: 1, limit: 2, total: 60, totalPages: 30, hasNext: true, hasPrev: false },
      },
    });

    expect(await next).toEqual({ data: { jobs: { nodes: [{ qrn: 'new:1' }, { qrn: 'new:2' }] } } });
    expect(asked()).toBe(before + 1);
  });

  test('a job is shown with the key that has it cached, once no other key gives it', async () => {
    const team = { keys: 'alice=alice-key, bob=bob-key' };
    const gateway = await openGateway({}, team);
    const { query, clock, failWith, upstream, asked } = gateway;
    // What was asked with the other key, though the first one had answered, counts no more.
    await settled(gateway);
    clock.advance(FRESH_MS);
    failWith('hang', ({ key }) => key === 'alice-key');
    const before = asked();
    const answer = query(JOB, team);
    await upstream.received(before + 1);
    clock.advance(SLOW_MS);
    await upstream.received(before + 2);
    clock.advance(SLOW_MS);
    expect(await answer).toEqual({ data: { job: { qrn: 'qbraid:job:1' } }, extensions: { stale: true } });
  });
});

describe('a connection that is lost before the answer begins', () => {
  test('is tried once more, at once', async () => {
    let requests = 0;
    const { query, upstream } = await createTestGateway(() => {
      requests += 1;
      return requests === 1 ? 'reset' : { body: { success: true, data: aJob('a:1') } };
    });
    expect(await query('{ job(qrn: "a:1") { qrn } }')).toEqual({ data: { job: { qrn: 'a:1' } } });
    expect(upstream.requests.map(({ path }) => path)).toEqual(['/jobs/a:1', '/jobs/a:1']);
  });

  test('is tried no third time', async () => {
    const { query, upstream } = await createTestGateway(() => 'reset');
    const { errors } = await query('{ job(qrn: "a:1") { qrn } }');
    expect([errors?.[0]?.extensions.code, upstream.requests.length]).toEqual(['UPSTREAM_UNAVAILABLE', 2]);
  });

  test('is not tried again while it keeps failing', async () => {
    const { query, clock, upstream } = await createTestGateway(() => 'reset');
    await query('{ job(qrn: "a:1") { qrn } }');
    clock.advance(1000);
    await query('{ job(qrn: "a:1") { qrn } }');
    expect(upstream.requests).toHaveLength(3);
  });

  test('is not tried again where the operation has no request left', async () => {
    const { query, upstream } = await createTestGateway(() => 'reset', {
      MAX_UPSTREAM_REQUESTS_PER_OPERATION: '1',
    });
    const { errors } = await query('{ job(qrn: "a:1") { qrn } }');
    expect([errors?.[0]?.extensions.code, upstream.requests.length]).toEqual(['UPSTREAM_UNAVAILABLE', 1]);
  });

  test.each<[what: string, answer: UpstreamBehaviour]>([
    ['an answer that breaks off', { body: '{', isCutOff: true }],
    ['a 503', { status: 503 }],
    ['an unreadable answer', { body: 'nonsense' }],
  ])('is unlike %s, which is not repeated', async (_, answer) => {
    const { query, upstream } = await createTestGateway(() => answer);
    await query('{ job(qrn: "a:1") { qrn } }');
    expect(upstream.requests).toHaveLength(1);
  });
});

describe('when many keys meet failures', () => {
  const teamOf = (count: number) => Array.from({ length: count }, (_, index) => `key-${index}`);

  test('the gateway stops asking, and answers at once: with how long to wait, or with what it has', async () => {
    const keys = teamOf(12);
    const lists = Object.fromEntries(keys.map((key) => [key, [aJob('a:1')]]));
    let isDown = false;
    const { query, clock, upstream } = await createTestGateway((request) =>
      isDown ? { status: 502 } : jobService(lists)(request),
    );
    await query('{ job(qrn: "a:1") { qrn } }', { key: 'key-0' });
    clock.advance(FRESH_MS);
    isDown = true;
    for (const key of keys.slice(0, 10)) await query('{ job(qrn: "a:1") { name } }', { key });
    const before = upstream.requests.length;

    const fresh = await query('{ job(qrn: "a:1") { qrn } }', { key: 'key-11' });
    const stale = await query('{ job(qrn: "a:1") { qrn } }', { key: 'key-0' });

    expect(fresh.errors).toMatchObject([
      { extensions: { code: 'UPSTREAM_UNAVAILABLE', retryAfterMs: expect.any(Number) } },
    ]);
    expect(stale).toEqual({ data: { job: { qrn: 'a:1' } }, extensions: { stale: true } });
    expect(upstream.requests).toHaveLength(before);

    isDown = false;
    clock.advance(1000);
    expect((await query('{ job(qrn: "a:1") { qrn } }', { key: 'key-11' })).data.job).toEqual({ qrn: 'a:1' });
  });

  test('a key that fails alone stops no other', async () => {
    const service = jobService({ 'alice-key': someJobs(40), 'bob-key': [aJob('b:1')] });
    const { query } = await createTestGateway(
      overriding(service, ({ key }) => (key === 'alice-key' ? { status: 503 } : undefined)),
    );
    for (let number = 0; number < 30; number += 1) await query(`{ job(qrn: "a:${number}") { qrn } }`);
    expect(await query('{ job(qrn: "b:1") { qrn } }', { key: 'bob-key' })).toEqual({
      data: { job: { qrn: 'b:1' } },
    });
  });
});

describe('OPERATION_TIMEOUT_MS', () => {
  test('ends every wait of an operation, and what was read by then is answered', async () => {
    const service = jobService({ 'alice-key': someJobs(3) });
    const { query, clock, upstream } = await createTestGateway(
      overriding(service, ({ path }) => (path === '/jobs/a:9' ? 'hang' : undefined)),
      { OPERATION_TIMEOUT_MS: '700' },
    );
    const answer = query('{ jobs(first: 1) { nodes { qrn } } job(qrn: "a:9") { qrn } }');
    await upstream.received(2);
    await new Promise((resolve) => setImmediate(resolve));
    clock.advance(700);
    expect(await answer).toMatchObject({
      data: { jobs: { nodes: [{ qrn: 'qbraid:job:0' }] }, job: null },
      errors: [{ path: ['job'], extensions: { code: 'GATEWAY_TIMEOUT' } }],
    });
    await upstream.abandoned(1);
  });

  test('leaves no timer behind', async () => {
    const { query, clock } = await createTestGateway(jobService({ 'alice-key': someJobs(3) }));
    await query(LIST);
    expect(clock.pendingFor(30_000)).toBe(0);
  });
});

describe('when more is asked with one key than its connections carry', () => {
  const counts = (from: number, count: number) =>
    Array.from(
      { length: count },
      (_, index) => `{ jobs(filter: { search: "${from + index}" }) { totalCount } }`,
    );

  test('a new operation is refused at once, and those before it are answered', async () => {
    let release = () => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    const service = jobService({ 'alice-key': [], 'bob-key': [] });
    const { query, upstream } = await createTestGateway(
      async (request) => {
        if (request.key === 'alice-key') await released;
        return service(request);
      },
      { UPSTREAM_CONNECTIONS_PER_KEY: '2' },
    );
    const before = counts(0, 4).map((document) => query(document));
    await upstream.received(2);

    const { errors } = await query('{ jobs { totalCount } }');
    const other = await query('{ jobs { totalCount } }', { key: 'bob-key' });
    release();

    expect(errors).toMatchObject([{ extensions: { code: 'OVERLOADED', retryAfterMs: 1000 } }]);
    expect(other.errors).toBeUndefined();
    expect((await Promise.all(before)).filter(({ errors }) => errors !== undefined)).toEqual([]);
  });

  test('one operation may still ask for all that it may', async () => {
    const { query } = await createTestGateway(jobService({ 'alice-key': [] }), {
      UPSTREAM_CONNECTIONS_PER_KEY: '1',
    });
    const fields = Array.from(
      { length: 50 },
      (_, index) => `c${index}: jobs(filter: { search: "${index}" }) { totalCount }`,
    );
    expect((await query(`{ ${fields.join(' ')} }`)).errors).toBeUndefined();
  });

  test('who wants what is already in flight is not refused', async () => {
    const { query, upstream, clock } = await createTestGateway(() => 'hang', {
      UPSTREAM_CONNECTIONS_PER_KEY: '1',
      UPSTREAM_TIMEOUT_MS: '1000',
    });
    const same = Array.from({ length: 20 }, () => query('{ jobs { totalCount } }'));
    await upstream.received(1);
    clock.advance(1000);
    const codes = (await Promise.all(same)).map(({ errors }) => errors?.[0]?.extensions.code);
    expect(new Set(codes)).toEqual(new Set(['GATEWAY_TIMEOUT']));
  });
});

import { describe, expect, test } from 'vitest';
import { createTestGateway } from '../support/create-test-gateway.ts';
import { openStream } from '../support/event-stream.ts';
import { aJob } from '../support/job-builder.ts';
import { type JobLists, jobService, overriding, pageOf, refusal } from '../support/job-service.ts';
import type { UpstreamBehaviour, UpstreamRequest } from '../support/scripted-upstream.ts';

const ENABLED = { ENABLE_MUTATIONS: 'true' };
const team = 'alice=alice-key, bob=bob-key';
const onePage = { page: 1, limit: 50, total: 1, totalPages: 1, hasNext: false, hasPrev: false };

const cancel = (qrn = 'a:1', more = '') =>
  `mutation { cancelJob(input: { qrn: "${qrn}" ${more} }) { job { status keys } clientMutationId } }`;

/** A gateway over a service whose jobs can be cancelled; `answerOf` may decide about a request before. */
async function openGateway(
  answerOf: (request: UpstreamRequest) => UpstreamBehaviour | Promise<UpstreamBehaviour> | undefined = () =>
    undefined,
  environment: Record<string, string> = ENABLED,
  lists: JobLists = { 'alice-key': [aJob('a:1'), aJob('a:2')], 'bob-key': [aJob('b:1')] },
) {
  const gateway = await createTestGateway(
    overriding(jobService(lists), (request) => {
      const answer = answerOf(request);
      if (answer !== undefined) return answer;
      const { path, key = '' } = request;
      const qrn = /^\/jobs\/(.+)\/cancel$/.exec(path)?.[1];
      if (qrn === undefined) return undefined;
      if (!lists[key]?.some(({ jobQrn }) => jobQrn === qrn)) return refusal(403, 'Not yours');
      for (const [each, jobs] of Object.entries(lists)) {
        lists[each] = jobs.map((job) => (job.jobQrn === qrn ? { ...job, status: 'CANCELLING' } : job));
      }
      return { status: 202, body: { message: 'Cancelling', jobQrn: qrn, status: 'CANCELLING' } };
    }),
    environment,
  );
  const cancels = () => gateway.upstream.requests.filter(({ method }) => method === 'POST');
  return { ...gateway, lists, cancels };
}

describe('cancelling a job', () => {
  test('asks upstream once, and shows the job as it is then', async () => {
    const { query, upstream } = await openGateway();
    const { data, errors } = await query(cancel('a:1', 'clientMutationId: "m1"'));
    expect([data, errors]).toEqual([
      { cancelJob: { job: { status: 'CANCELLING', keys: ['default'] }, clientMutationId: 'm1' } },
      undefined,
    ]);
    expect(upstream.requests).toEqual([
      { path: '/jobs/a:1/cancel', key: 'alice-key', method: 'POST' },
      { path: '/jobs/a:1', key: 'alice-key' },
    ]);
  });

  test('reads nothing where the job is not asked for', async () => {
    const { query, upstream } = await openGateway();
    await query('mutation { cancelJob(input: { qrn: "a:1" }) { clientMutationId } }');
    expect(upstream.requests).toHaveLength(1);
  });

  test('is off unless whoever runs the gateway turns it on', async () => {
    const { query, upstream } = await openGateway(undefined, {});
    const { data, errors } = await query(cancel());
    expect([data, errors?.[0]?.extensions.code]).toEqual([{ cancelJob: null }, 'MUTATIONS_DISABLED']);
    expect(upstream.requests).toEqual([]);
  });

  test('is refused by GET, also with a header that shows where it comes from', async () => {
    const { yoga, upstream } = await openGateway();
    const headers = { 'x-api-key': 'alice-key', 'apollo-require-preflight': '1', accept: 'application/json' };
    const response = await yoga.fetch(`http://gateway/graphql?query=${encodeURIComponent(cancel())}`, {
      headers,
    });
    expect([response.status, upstream.requests]).toEqual([405, []]);
  });

  test.each([
    ['a form', 'application/x-www-form-urlencoded'],
    ['plain text', 'text/plain'],
  ])('is refused as %s, which any page can send', async (_, type) => {
    const { yoga, upstream } = await openGateway();
    const response = await yoga.fetch('http://gateway/graphql', {
      method: 'POST',
      headers: { 'content-type': type, 'x-api-key': 'alice-key' },
      body: JSON.stringify({ query: cancel() }),
    });
    expect([response.status, upstream.requests]).toEqual([415, []]);
  });

  test('with no valid name is refused without a request', async () => {
    const { query, upstream } = await openGateway();
    const { errors } = await query(cancel('../a'));
    expect([errors?.[0]?.extensions.code, upstream.requests]).toEqual(['BAD_USER_INPUT', []]);
  });

  test.each([[400], [409]])('is a CONFLICT where upstream answers %i, also at once again', async (status) => {
    const { query, cancels } = await openGateway(({ method }) =>
      method ? refusal(status, 'No') : undefined,
    );
    const codes = [await query(cancel()), await query(cancel())].map(
      ({ errors }) => errors?.[0]?.extensions.code,
    );
    expect(codes).toEqual(['CONFLICT', 'CONFLICT']);
    // Each client that asks is asked for: the job may be in another state by now.
    expect(cancels()).toHaveLength(2);
  });

  test.each<[what: string, behaviour: UpstreamBehaviour, code: string]>([
    ['hangs up', 'reset', 'UPSTREAM_UNAVAILABLE'],
    ['fails', { status: 503 }, 'UPSTREAM_UNAVAILABLE'],
    ['says what cannot be read', { status: 202, body: '<html>' }, 'UPSTREAM_INVALID_RESPONSE'],
  ])('is not repeated where upstream %s', async (_, behaviour, code) => {
    const { query, cancels } = await openGateway(({ method }) => (method ? behaviour : undefined));
    const { errors } = await query(cancel());
    expect([errors?.[0]?.extensions.code, cancels().length]).toEqual([code, 1]);
  });

  test('is not repeated for a key that is refused meanwhile, and then shows nothing of the job', async () => {
    let isRefused = false;
    const { query, cancels } = await openGateway(({ path }) => {
      if (path.endsWith('/cancel')) isRefused = true;
      else if (isRefused) return refusal(401, 'Revoked');
      return undefined;
    });
    const { data, errors } = await query(cancel());
    expect([data, errors?.map(({ extensions }) => extensions.code), cancels().length]).toEqual([
      { cancelJob: { job: null, clientMutationId: null } },
      ['UNAUTHENTICATED'],
      1,
    ]);
  });

  test('succeeds for a team of which one key is refused meanwhile', async () => {
    const { query, cancels } = await openGateway(({ key }) =>
      key === 'bob-key' ? refusal(401, 'Revoked') : undefined,
    );
    const { data, errors } = await query(cancel('a:1', 'clientMutationId: "m1"'), { keys: team });
    expect([data, errors]).toEqual([
      { cancelJob: { job: { status: 'CANCELLING', keys: ['alice'] }, clientMutationId: 'm1' } },
      undefined,
    ]);
    expect(cancels()).toHaveLength(1);
  });

  test('happens in order where several jobs are cancelled', async () => {
    const { query, cancels } = await openGateway();
    const { data } = await query(
      'mutation { a: cancelJob(input: { qrn: "a:2" }) { job { qrn } } b: cancelJob(input: { qrn: "a:1" }) { job { qrn } } }',
    );
    expect(data).toEqual({ a: { job: { qrn: 'a:2' } }, b: { job: { qrn: 'a:1' } } });
    expect(cancels().map(({ path }) => path)).toEqual(['/jobs/a:2/cancel', '/jobs/a:1/cancel']);
  });

  test('sends no request for a client that has left, or whose time is over', async () => {
    const { query, cancels, upstream, clock } = await openGateway(
      ({ method }) => (method ? 'hang' : undefined),
      {
        ...ENABLED,
        OPERATION_TIMEOUT_MS: '700',
      },
    );
    const answer = query(
      'mutation { a: cancelJob(input: { qrn: "a:1" }) { clientMutationId } b: cancelJob(input: { qrn: "a:2" }) { clientMutationId } }',
    );
    await upstream.received(1);
    clock.advance(700);
    const { data, errors } = await answer;
    expect([data, errors?.map(({ extensions }) => extensions.code)]).toEqual([
      { a: null, b: null },
      ['GATEWAY_TIMEOUT', 'GATEWAY_TIMEOUT'],
    ]);
    expect(cancels().map(({ path }) => path)).toEqual(['/jobs/a:1/cancel']);
  });

  test('counts against the budget of the key', async () => {
    const { query } = await openGateway();
    await query('mutation { cancelJob(input: { qrn: "a:1" }) { clientMutationId } }');
    expect((await query('{ rateLimit { used } }')).data.rateLimit).toEqual([{ used: 1 }]);
  });
});

describe('cancelling a job with several keys', () => {
  test('uses the key that sees the job, and asks upstream for nothing with the others but what they see', async () => {
    const { query, cancels, upstream } = await openGateway();
    const { data } = await query(cancel('b:1'), { keys: team });
    expect(data.cancelJob.job).toEqual({ status: 'CANCELLING', keys: ['bob'] });
    expect(cancels().map(({ key }) => key)).toEqual(['bob-key']);
    expect(upstream.requests.length).toBeLessThanOrEqual(4);
  });

  const shared = (): JobLists => ({ 'alice-key': [aJob('a:1')], 'bob-key': [aJob('a:1')] });

  test('never guesses which of several keys that see the job', async () => {
    const { query, cancels } = await openGateway(undefined, ENABLED, shared());
    const { errors } = await query(cancel(), { keys: team });
    expect(errors?.[0]?.message).toContain('(alice, bob)');
    expect([errors?.[0]?.extensions.code, cancels()]).toEqual(['BAD_USER_INPUT', []]);
  });

  test('uses the key that is named, without looking', async () => {
    const { query, cancels } = await openGateway(undefined, ENABLED, shared());
    await query(cancel('a:1', 'key: "bob"'), { keys: team });
    expect(cancels().map(({ key }) => key)).toEqual(['bob-key']);
  });

  test('hides what was read before with the other keys, too', async () => {
    const { query } = await openGateway(undefined, ENABLED, shared());
    for (const key of ['alice-key', 'bob-key']) await query('{ job(qrn: "a:1") { status } }', { key });
    await query('{ jobs { nodes { status } } }', { keys: team });
    const { data } = await query(cancel('a:1', 'key: "alice"'), { keys: team });
    expect(data.cancelJob.job.status).toBe('CANCELLING');
    expect((await query('{ job(qrn: "a:1") { status } }', { key: 'bob-key' })).data.job.status).toBe(
      'CANCELLING',
    );
    const list = await query('{ jobs { nodes { status keys } } }', { keys: team });
    expect(list.data.jobs.nodes).toEqual([{ status: 'CANCELLING', keys: ['alice', 'bob'] }]);
  });

  test('is refused for a job that no key sees, with the reason that tells the most', async () => {
    const { query, cancels } = await openGateway();
    const { errors } = await query(cancel('b:1'), { keys: 'alice=alice-key, x=x-key' });
    expect([errors?.[0]?.extensions.code, cancels()]).toEqual(['FORBIDDEN', []]);
  });
});

describe('after a job was cancelled', () => {
  const state = '{ job(qrn: "a:1") { status } jobs { nodes { qrn status } } jobCounts { active } }';

  test('nobody sees the job, a list or numbers of before', async () => {
    const { query } = await openGateway();
    const before = await query(state);
    expect(before.data.jobs.nodes[0].status).toBe('RUNNING');
    await query(cancel());
    const { data } = await query(state);
    expect([data.job.status, data.jobs.nodes[0].status]).toEqual(['CANCELLING', 'CANCELLING']);
  });

  test('jobs of the same key that were not cancelled are still cached', async () => {
    const { query, upstream } = await openGateway();
    const other = '{ job(qrn: "a:2") { status } }';
    await query(other);
    await query(cancel());
    const { length } = upstream.requests;
    await query(other);
    expect(upstream.requests).toHaveLength(length);
  });

  test('a reading that was under way serves nobody who comes later, and does not bring back what was before', async () => {
    let release = (_: UpstreamBehaviour) => {};
    const answer = new Promise<UpstreamBehaviour>((resolve) => {
      release = resolve;
    });
    let reads = 0;
    const { query, upstream } = await openGateway(({ path }) => {
      if (path !== '/jobs/a:1') return undefined;
      reads += 1;
      return reads === 1 ? answer : undefined;
    });
    const one = '{ job(qrn: "a:1") { status } }';
    const early = query(one);
    await upstream.received(1);
    await query('mutation { cancelJob(input: { qrn: "a:1" }) { clientMutationId } }');
    expect((await query(one)).data.job.status).toBe('CANCELLING');
    release({ body: { success: true, data: aJob('a:1') } });
    await early;
    expect((await query(one)).data.job.status).toBe('CANCELLING');
  });

  test.each([
    ['the job', '{ job(qrn: "a:1") { status } }'],
    ['a list', '{ jobs(first: 1) { nodes { status } } }'],
    ['numbers', '{ jobCounts { byStatus { status count } } }'],
  ])('a reading of %s that was under way is read anew, and shows it as it is then', async (_, operation) => {
    const before = jobService({ 'alice-key': [aJob('a:1')] });
    let release = () => {};
    const isReleased = new Promise<void>((resolve) => {
      release = resolve;
    });
    let isFirst = true;
    const { query, upstream } = await openGateway((request) => {
      if (!isFirst) return undefined;
      isFirst = false;
      return isReleased.then(() => before(request));
    });
    const early = query(operation);
    await upstream.received(1);
    await query('mutation { cancelJob(input: { qrn: "a:1" }) { clientMutationId } }');
    release();
    expect(JSON.stringify((await early).data)).toMatch(/"CANCELLING"(,"count":1)?}/);
    expect(upstream.requests).toHaveLength(3);
  });

  test('streams of the job, of lists and of numbers look at once', async () => {
    const gateway = await openGateway();
    const streams = await Promise.all([
      openStream(gateway, 'subscription { jobUpdated(qrns: ["a:1"]) { status } }'),
      openStream(gateway, 'subscription { jobsChanged(first: 1) { nodes { status } } }'),
      openStream(gateway, 'subscription { jobCountsChanged { byStatus { status count } } }'),
    ]);
    const next = () =>
      Promise.all(streams.map(async (stream) => JSON.stringify((await stream.next())?.data)));
    for (const text of await next()) expect(text).toContain('RUNNING');
    await gateway.query(cancel());
    for (const text of await next()) expect(text).toContain('CANCELLING');
  });

  test.each([
    ['the job', 'jobUpdated(qrns: ["a:1"]) { status }', '/jobs/a:1'],
    ['a list', 'jobsChanged(first: 1) { nodes { status } }', '/jobs?'],
    ['numbers', 'jobCountsChanged { byStatus { status count } }', '/jobs/statuses'],
  ])('a poll of %s that was under way is not shown', async (_, field, path) => {
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const lists: JobLists = { 'alice-key': [aJob('a:1')], 'bob-key': [] };
    let polls = 0;
    const gateway = await openGateway(
      (request) => {
        if (request.method !== undefined || !request.path.startsWith(path)) return undefined;
        polls += 1;
        if (polls !== 2) return undefined;
        // The answer of before the job was cancelled, which takes its time.
        const answer = jobService({ 'alice-key': [aJob('a:1', { status: 'VALIDATING' })] })(request);
        return held.then(() => answer);
      },
      ENABLED,
      lists,
    );
    const stream = await openStream(gateway, `subscription { ${field} }`);
    expect(JSON.stringify(await stream.next())).toContain('RUNNING');
    gateway.clock.advance(2000);
    await gateway.upstream.received(2);
    await gateway.query('mutation { cancelJob(input: { qrn: "a:1" }) { clientMutationId } }');
    release();
    expect(JSON.stringify(await stream.next())).toMatch(/"CANCELLING"(?!,"count":0)/);
  });

  test('streams look at once also where nobody knows whether it was', async () => {
    const lists: JobLists = { 'alice-key': [aJob('a:1')] };
    const gateway = await openGateway(
      ({ method }) => {
        if (method === undefined) return undefined;
        lists['alice-key'] = [aJob('a:1', { status: 'CANCELLING' })];
        return { status: 503 };
      },
      ENABLED,
      lists,
    );
    const stream = await openStream(gateway, 'subscription { jobsChanged(first: 1) { nodes { status } } }');
    await stream.next();
    await gateway.query(cancel());
    expect((await stream.next())?.data.jobsChanged.nodes).toEqual([{ status: 'CANCELLING' }]);
  });

  test('streams show nothing that was being read when the job was cancelled', async () => {
    const early: (() => void)[] = [];
    let isHeld = true;
    const gateway = await openGateway(({ path, method }) => {
      if (method !== undefined || !isHeld) return undefined;
      const body = path.startsWith('/jobs?')
        ? { success: true, data: [aJob('a:1')], pagination: onePage }
        : { success: true, data: aJob('a:1') };
      return new Promise((resolve) => early.push(() => resolve({ body })));
    });
    const streams = await Promise.all([
      openStream(gateway, 'subscription { jobUpdated(qrns: ["a:1"]) { status } }'),
      openStream(gateway, 'subscription { jobsChanged(first: 1) { nodes { status } } }'),
    ]);
    const events = streams.map((stream) => stream.next());
    await gateway.upstream.received(2);
    isHeld = false;
    await gateway.query('mutation { cancelJob(input: { qrn: "a:1" }) { clientMutationId } }');
    for (const release of early) release();
    for (const event of await Promise.all(events)) expect(JSON.stringify(event)).toContain('CANCELLING');
  });

  test('the job is read anew also where upstream did not accept to cancel it', async () => {
    const { query, upstream } = await openGateway(({ method }) => (method ? refusal(409, 'No') : undefined));
    const one = '{ job(qrn: "a:1") { status } }';
    await query(one);
    await query(cancel());
    await query(one);
    expect(upstream.requests.filter(({ path }) => path === '/jobs/a:1')).toHaveLength(2);
  });
});

describe('while lists of upstream lag behind, a job', () => {
  const quiet = 'mutation { cancelJob(input: { qrn: "a:1" }) { clientMutationId } }';
  const one = '{ job(qrn: "a:1") { status } }';
  const list = '{ jobs { nodes { status } } }';
  const nodes = [{ status: 'CANCELLING' }];

  /** A gateway whose upstream lists the job with these fields, whatever became of it. */
  const openLagging = (
    listed: () => Readonly<Record<string, unknown>>,
    answerOf: Parameters<typeof openGateway>[0] = () => undefined,
  ) =>
    openGateway((request) => {
      const { pathname, searchParams } = new URL(request.path, 'http://upstream');
      return pathname === '/jobs' ? pageOf([aJob('a:1', listed())], searchParams) : answerOf(request);
    });
  const answer = (fields: Readonly<Record<string, unknown>>) => ({
    body: { success: true, data: aJob('a:1', fields) },
  });

  test.each([
    ['that has not been read since', quiet, {}],
    ['that has been read since', cancel(), {}],
    ['that had changed since it was read last', quiet, { updatedAt: '2026-01-15T10:40:00Z' }],
  ])('%s is being cancelled, as upstream said when it was cancelled', async (_, operation, fields) => {
    const { query } = await openLagging(() => fields);
    await query(one);
    await query(operation);
    const { data } = await query(
      '{ all: jobs { nodes { status } } running: jobs(filter: { status: RUNNING }) { nodes { status } } job(qrn: "a:1") { status } }',
    );
    expect(data).toEqual({ all: { nodes }, running: { nodes }, job: { status: 'CANCELLING' } });
  });

  test('is being cancelled also where the list is older than what was read before', async () => {
    const listed = { status: 'QUEUED', updatedAt: '2026-01-15T10:30:00Z' };
    const { query } = await openLagging(
      () => listed,
      ({ method }) => (method === undefined ? answer({ updatedAt: '2026-01-15T10:40:00Z' }) : undefined),
    );
    await query(one);
    await query(quiet);
    expect((await query(list)).data.jobs.nodes).toEqual(nodes);
    expect((await query(one)).data.job).toEqual({ status: 'CANCELLING' });
  });

  test('does not wait any more', async () => {
    const { query } = await openLagging(() => ({ status: 'QUEUED', queuePosition: 7 }));
    const places = '{ jobs { nodes { status queuePosition } } }';
    expect((await query(places)).data.jobs.nodes).toEqual([{ status: 'QUEUED', queuePosition: 7 }]);
    await query(quiet);
    expect((await query(places)).data.jobs.nodes).toEqual([{ status: 'CANCELLING', queuePosition: null }]);
  });

  test('is being cancelled also for those who watch lists of its key', async () => {
    const gateway = await openLagging(() => ({}));
    const stream = await openStream(gateway, 'subscription { jobsChanged(first: 1) { nodes { status } } }');
    expect((await stream.next())?.data.jobsChanged.nodes).toEqual([{ status: 'RUNNING' }]);
    await gateway.query(quiet);
    expect((await stream.next())?.data.jobsChanged.nodes).toEqual(nodes);
  });

  test('has ended once upstream says so, by whatever answer', async () => {
    let status = 'RUNNING';
    const { query, clock } = await openLagging(() => ({ status }));
    await query(quiet);
    const seen: unknown[] = [];
    for (status of ['RUNNING', 'COMPLETED', 'RUNNING']) {
      clock.advance(2000);
      seen.push((await query(list)).data.jobs.nodes[0].status);
    }
    expect(seen).toEqual(['CANCELLING', 'COMPLETED', 'COMPLETED']);
  });

  test('that was known to have ended has ended also where somebody tries to cancel it again', async () => {
    const { query } = await openLagging(
      () => ({}),
      ({ method }) => (method === undefined ? answer({ status: 'CANCELLED', cost: 0 }) : refusal(409, 'No')),
    );
    await query(one);
    await query(quiet);
    expect((await query(list)).data.jobs.nodes).toEqual([{ status: 'CANCELLED' }]);
  });

  test.each<[answer: object, status: string]>([
    [{ success: true, data: { jobQrn: 'a:1', status: 'CANCELLED' } }, 'CANCELLED'],
    [{ jobQrn: 'a:1', status: 'CANCELLING' }, 'CANCELLING'],
    [{ message: 'Cancelling' }, 'RUNNING'],
    [{ jobQrn: 'a:1', status: 'QUEUED' }, 'RUNNING'],
  ])('that upstream cancels with %j is %s', async (body, status) => {
    const { query } = await openLagging(
      () => ({}),
      ({ method }) => (method === undefined ? undefined : { status: 202, body }),
    );
    await query(quiet);
    expect((await query(list)).data.jobs.nodes).toEqual([{ status }]);
  });

  test('is shown to another key as upstream tells that one', async () => {
    const lists: JobLists = { 'alice-key': [aJob('a:1')], 'bob-key': [aJob('a:1')] };
    const { query } = await openGateway(
      ({ method }) => (method === undefined ? undefined : { status: 202, body: { status: 'CANCELLING' } }),
      ENABLED,
      lists,
    );
    await query(cancel('a:1', 'key: "alice"'), { keys: team });
    const seen = await Promise.all(['alice-key', 'bob-key'].map((key) => query(list, { key })));
    expect(seen.map(({ data }) => data.jobs.nodes[0].status)).toEqual(['CANCELLING', 'RUNNING']);
  });

  test('is shown as upstream lists it where nobody knows whether it was cancelled', async () => {
    const { query } = await openLagging(
      () => ({}),
      ({ method }) => (method === undefined ? undefined : { status: 503 }),
    );
    await query(quiet);
    expect((await query(list)).data.jobs.nodes).toEqual([{ status: 'RUNNING' }]);
  });
});

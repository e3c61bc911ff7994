import { setImmediate } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { type Answer, createTestGateway, type QueryOptions } from '../support/create-test-gateway.ts';
import { openStream } from '../support/event-stream.ts';
import { aJob, type RawJob, someJobs } from '../support/job-builder.ts';
import { type JobLists, jobService, overriding, refusal } from '../support/job-service.ts';
import { passTime, settled } from '../support/pass-time.ts';
import type { UpstreamBehaviour, UpstreamScript } from '../support/scripted-upstream.ts';

const SUBSCRIPTION = 'subscription ($qrns: [String!]!) { jobUpdated(qrns: $qrns) { qrn status cost } }';
const QRN = 'qbraid:job:0';
const INTERVAL_MS = 2000;

/** A stream over these jobs of Alice, which a test may change. */
async function watch(
  jobs: RawJob[],
  { query = SUBSCRIPTION, alter = unaltered, ...options }: WatchOptions = {},
) {
  const gateway = await createTestGateway(alter(jobService({ 'alice-key': jobs })));
  const variables = { qrns: jobs.map(({ jobQrn }) => jobQrn), ...options.variables };
  const stream = await openStream(gateway, query, { ...options, variables });
  const change = (index: number, fields: object) => {
    jobs[index] = { ...jobs[index], ...fields } as RawJob;
  };
  return { ...gateway, stream, change, pass: (ms = INTERVAL_MS) => passTime(gateway, ms) };
}

interface WatchOptions extends QueryOptions {
  readonly query?: string;
  readonly alter?: (script: UpstreamScript) => UpstreamScript;
}

const unaltered = (script: UpstreamScript) => script;

/** An upstream that fails in this way for as long as `outage.isOn`. */
function failing(reply: Parameters<typeof overriding>[1]) {
  const outage = { isOn: true };
  const alter = (script: UpstreamScript) =>
    overriding(script, (request) => (outage.isOn ? reply(request) : undefined));
  return { outage, alter };
}

const facts = (answer: Answer | null) =>
  answer?.errors?.map(({ extensions: { upstream: _, ...rest } }) => rest);

describe('each job', () => {
  test('is sent at once as it is now', async () => {
    const { stream } = await watch(someJobs(3));
    const answers = [await stream.next(), await stream.next(), await stream.next()];
    expect(answers).toEqual(
      [0, 1, 2].map((index) => ({
        data: { jobUpdated: { qrn: `qbraid:job:${index}`, status: 'RUNNING', cost: null } },
      })),
    );
  });

  test.each<[field: string, query: string, before: object, after: object]>([
    ['its status', 'status', { status: 'QUEUED' }, { status: 'RUNNING' }],
    ['its message', 'statusMsg', { statusMsg: null }, { statusMsg: 'Calibrating.' }],
    ['its place in the queue', 'queuePosition', { queuePosition: 5 }, { queuePosition: 4 }],
    ['its expected cost', 'estimatedCost', { estimatedCost: 1 }, { estimatedCost: 2 }],
    ['its tags', 'tags', { tags: {} }, { tags: { a: 1 } }],
    [
      'its time stamps',
      'timeStamps { executionDuration }',
      { timeStamps: { executionDuration: null } },
      { timeStamps: { executionDuration: 5 } },
    ],
  ])('is sent again when %s changes', async (_, field, before, after) => {
    const query = `subscription ($qrns: [String!]!) { jobUpdated(qrns: $qrns) { ${field} } }`;
    const { stream, change, pass } = await watch([aJob(QRN, { ...before })], { query });
    const first = await stream.next();
    change(0, after);
    await pass();
    expect([first, await stream.next()]).toEqual([
      { data: { jobUpdated: before } },
      { data: { jobUpdated: after } },
    ]);
  });

  test('is not sent when it was merely read again', async () => {
    const { stream, change, pass, upstream } = await watch(someJobs(2));
    await stream.next();
    await stream.next();
    await pass();
    expect(upstream.requests.length).toBeGreaterThan(2);
    change(1, { status: 'COMPLETED', cost: 1 });
    await pass();
    expect(await stream.next()).toEqual({
      data: { jobUpdated: { qrn: 'qbraid:job:1', status: 'COMPLETED', cost: 1 } },
    });
  });

  test('is sent once, however often it is named', async () => {
    const { stream } = await watch([aJob(QRN, { status: 'COMPLETED', cost: 1 })], {
      variables: { qrns: [QRN, QRN, QRN] },
    });
    expect(await stream.rest()).toHaveLength(1);
  });
});

describe('a job that ends', () => {
  test.each(['COMPLETED', 'FAILED', 'CANCELLED'])(
    'as %s is sent a last time, and read no more',
    async (status) => {
      const { stream, change, pass, upstream } = await watch(someJobs(2));
      await stream.next();
      await stream.next();
      change(0, { status, cost: 0 });
      await pass();
      expect(await stream.next()).toEqual({ data: { jobUpdated: { qrn: QRN, status, cost: 0 } } });
      const asked = upstream.requests.length;
      await pass();
      await pass();
      expect(upstream.requests.slice(asked).map(({ path }) => path)).toEqual([
        '/jobs/qbraid:job:1',
        '/jobs/qbraid:job:1',
      ]);
    },
  );

  test('completes the stream with the last one', async () => {
    const { stream, change, pass, clock } = await watch(someJobs(3));
    for (let index = 0; index < 3; index += 1) await stream.next();
    for (let index = 0; index < 3; index += 1) change(index, { status: 'COMPLETED', cost: index });
    await pass();
    const answers = await stream.rest();
    expect(answers.map(({ data }) => data.jobUpdated.cost)).toEqual([0, 1, 2]);
    expect(clock.pending).toBe(0);
  });

  test('before anybody watches is sent, and the stream completes', async () => {
    const { stream, clock } = await watch(someJobs(5, '', { status: 'FAILED', cost: 0 }));
    expect(await stream.rest()).toHaveLength(5);
    expect(clock.pending).toBe(0);
  });

  test('without its cost is sent again when the cost arrives', async () => {
    const { stream, change, pass } = await watch([aJob(QRN)]);
    await stream.next();
    change(0, { status: 'COMPLETED' });
    await pass();
    const ended = await stream.next();
    change(0, { cost: 2.5 });
    for (let passedMs = 0; passedMs < 20_000; passedMs += INTERVAL_MS) await pass();
    expect([ended, ...(await stream.rest())]).toEqual([
      { data: { jobUpdated: { qrn: QRN, status: 'COMPLETED', cost: null } } },
      { data: { jobUpdated: { qrn: QRN, status: 'COMPLETED', cost: 2.5 } } },
    ]);
  });

  test('without its cost is read slowly, and only for a minute', async () => {
    const { stream, pass, upstream, clock } = await watch([aJob(QRN, { status: 'COMPLETED' })]);
    await stream.next();
    for (let passedMs = 0; passedMs < 60_000; passedMs += 1000) await pass(1000);
    expect(await stream.next()).toBeNull();
    expect(upstream.requests.length).toBeGreaterThanOrEqual(4);
    expect(upstream.requests.length).toBeLessThanOrEqual(5);
    expect(clock.pending).toBe(0);
  });

  test('on HOLD has ended too: it does not change by waiting', async () => {
    const { stream, upstream } = await watch([aJob(QRN, { status: 'HOLD' })]);
    expect(await stream.rest()).toEqual([{ data: { jobUpdated: { qrn: QRN, status: 'HOLD', cost: null } } }]);
    expect(upstream.requests).toHaveLength(1);
  });

  test('is not what one of an UNKNOWN status is', async () => {
    const { stream, change, pass } = await watch([aJob(QRN, { status: 'TELEPORTING' })]);
    const first = await stream.next();
    change(0, { status: 'COMPLETED', cost: 1 });
    await pass();
    expect([first, ...(await stream.rest())].map((answer) => answer?.data.jobUpdated.status)).toEqual([
      'UNKNOWN',
      'COMPLETED',
    ]);
  });
});

describe('what cannot be watched', () => {
  test.each<[what: string, qrns: string[]]>([
    ['no job', []],
    ['201 jobs', someJobs(201).map(({ jobQrn }) => jobQrn)],
    ['what is no name of a job', ['qbraid:job:0', '../statuses']],
  ])('is %s: the stream says so and completes, and nobody is asked', async (_, qrns) => {
    const { stream, upstream, clock } = await watch([], { variables: { qrns } });
    const answers = await stream.rest();
    expect(answers.map(facts)).toEqual([[{ code: 'BAD_USER_INPUT' }]]);
    expect(upstream.requests).toEqual([]);
    expect(clock.pending).toBe(0);
  });

  test('is anything without a key', async () => {
    const { stream } = await watch(someJobs(1), { headers: { 'x-api-key': '' } });
    expect((await stream.rest()).map(facts)).toEqual([[{ code: 'UNAUTHENTICATED' }]]);
  });

  test('is not 200 jobs at once: these take two list requests', async () => {
    const { stream, upstream } = await watch(someJobs(200, '', { status: 'CANCELLED', cost: 0 }));
    expect(await stream.rest()).toHaveLength(200);
    expect(upstream.requests.map(({ path }) => path)).toEqual([
      '/jobs?page=1&limit=100',
      '/jobs?page=2&limit=100',
    ]);
  });
});

describe('a job that is refused', () => {
  const lists = () => ({ 'alice-key': someJobs(1), 'bob-key': [aJob('qbraid:job:bob')] });

  test('or not found is an error of its own, and the others go on', async () => {
    const jobs = lists();
    const gateway = await createTestGateway(jobService(jobs));
    const variables = { qrns: ['qbraid:job:bob', QRN, 'qbraid:job:gone'] };
    const stream = await openStream(gateway, SUBSCRIPTION, { variables });
    const answers = [await stream.next(), await stream.next(), await stream.next()];
    expect(answers.map((answer) => facts(answer) ?? answer)).toEqual(
      expect.arrayContaining([
        [{ code: 'FORBIDDEN', qrn: 'qbraid:job:bob' }],
        [{ code: 'NOT_FOUND', qrn: 'qbraid:job:gone' }],
        { data: { jobUpdated: { qrn: QRN, status: 'RUNNING', cost: null } } },
      ]),
    );
    jobs['alice-key'] = someJobs(1, '', { status: 'COMPLETED', cost: 1 });
    await passTime(gateway, INTERVAL_MS);
    expect(await stream.rest()).toEqual([
      { data: { jobUpdated: { qrn: QRN, status: 'COMPLETED', cost: 1 } } },
    ]);
  });

  test('in mid-stream is an error of its own, and the others go on', async () => {
    const { outage, alter } = failing(({ path }) => (path.endsWith(':0') ? refusal(403, 'No.') : undefined));
    outage.isOn = false;
    const { stream, change, pass } = await watch(someJobs(2), { alter });
    await stream.next();
    await stream.next();
    outage.isOn = true;
    await pass();
    const refused = await stream.next();
    change(1, { status: 'COMPLETED', cost: 1 });
    await pass();
    expect(refused).toMatchObject({ data: null, errors: [{ path: ['jobUpdated'] }] });
    expect(facts(refused)).toEqual([{ code: 'FORBIDDEN', qrn: QRN }]);
    expect(await stream.rest()).toHaveLength(1);
  });

  test('with all others completes the stream', async () => {
    const { stream, clock } = await watch([], { variables: { qrns: ['a:1', 'a:2', 'a:3', 'a:4'] } });
    const answers = await stream.rest();
    expect(answers.map(facts)).toEqual(
      ['a:1', 'a:2', 'a:3', 'a:4'].map((qrn) => [{ code: 'NOT_FOUND', qrn }]),
    );
    expect(clock.pending).toBe(0);
  });
});

describe('a key that is revoked', () => {
  const revoked = () => refusal(401, 'Invalid API key');

  test.each([1, 5])('before the stream of %i job(s) ends it with one error', async (count) => {
    const { stream, clock } = await watch(someJobs(count), { alter: () => revoked });
    expect((await stream.rest()).map(facts)).toEqual([[{ code: 'UNAUTHENTICATED' }]]);
    expect(clock.pending).toBe(0);
  });

  test.each([1, 5])('while the stream of %i job(s) is read ends it with one error', async (count) => {
    const { outage, alter } = failing(revoked);
    outage.isOn = false;
    const { stream, pass, clock } = await watch(someJobs(count), { alter });
    for (let index = 0; index < count; index += 1) await stream.next();
    const rest = stream.rest();
    outage.isOn = true;
    await pass();
    expect((await rest).map(facts)).toEqual([[{ code: 'UNAUTHENTICATED' }]]);
    expect(clock.pending).toBe(0);
  });
});

describe('a fault that may pass', () => {
  const faults: [what: string, reply: Parameters<typeof overriding>[1]][] = [
    ['a status of 500', () => ({ status: 500 })],
    ['a status of 503', () => ({ status: 503 })],
    ['a 429', () => refusal(429, 'Slow down.', { 'retry-after': '3' })],
    ['a connection that breaks', () => 'reset'],
    ['an answer that is cut off', () => ({ body: '{"success":', isCutOff: true })],
    ['HTML of a proxy', () => ({ body: '<html>' })],
  ];

  test.each(faults)('in mid-stream, %s, is not sent, and the stream recovers', async (_, reply) => {
    const { outage, alter } = failing(reply);
    outage.isOn = false;
    const { stream, change, pass } = await watch(someJobs(4), { alter });
    for (let index = 0; index < 4; index += 1) await stream.next();
    outage.isOn = true;
    await pass();
    await pass();
    outage.isOn = false;
    change(3, { status: 'QUEUED' });
    await pass();
    await pass();
    expect(await stream.next()).toEqual({
      data: { jobUpdated: { qrn: 'qbraid:job:3', status: 'QUEUED', cost: null } },
    });
  });

  test.each(faults)('at the beginning, %s, is not sent, and the stream recovers', async (_, reply) => {
    const { outage, alter } = failing(reply);
    const { stream, pass } = await watch(someJobs(4), { alter });
    const first = stream.next();
    await pass(0);
    await pass();
    outage.isOn = false;
    await pass();
    await pass();
    const answers = [await first, await stream.next(), await stream.next(), await stream.next()];
    expect(answers.map((answer) => answer?.data.jobUpdated.qrn).sort()).toEqual(
      someJobs(4).map(({ jobQrn }) => jobQrn),
    );
  });

  test('is no answer at all: the stream recovers, and meanwhile the jobs that are answered go on', async () => {
    const { outage, alter } = failing(({ path }) => (path.endsWith(':1') ? 'hang' : undefined));
    outage.isOn = false;
    const { stream, change, clock, upstream, pass } = await watch(someJobs(2), { alter });
    await stream.next();
    await stream.next();
    outage.isOn = true;
    clock.advance(INTERVAL_MS);
    await upstream.received(4);
    // The answer about the other job is under way, too.
    while (clock.pendingFor(20_000) > 1) await setImmediate();
    clock.advance(20_000);
    await upstream.abandoned(1);
    change(0, { status: 'QUEUED' });
    clock.advance(15_000);
    expect((await stream.next())?.data.jobUpdated).toMatchObject({ qrn: QRN, status: 'QUEUED' });
    outage.isOn = false;
    clock.advance(20_000);
    await upstream.abandoned(2);
    change(1, { status: 'VALIDATING' });
    // What failed twice is left alone for up to 30 s.
    await pass(15_000);
    await pass(15_000);
    expect((await stream.next())?.data.jobUpdated).toMatchObject({ status: 'VALIDATING' });
  });

  test('is no answer about one job: the changes of the others are sent in time', async () => {
    const { outage, alter } = failing(({ path }) => (path.endsWith(':1') ? 'hang' : undefined));
    outage.isOn = false;
    const { stream, change, clock, upstream } = await watch(someJobs(2), { alter });
    await stream.next();
    await stream.next();
    outage.isOn = true;
    const statuses: unknown[] = [];
    for (const status of ['QUEUED', 'VALIDATING', 'INITIALIZING']) {
      const asked = upstream.requests.length;
      change(0, { status });
      clock.advance(INTERVAL_MS);
      await upstream.received(asked + 1);
      clock.advance(3000);
      statuses.push((await stream.next())?.data.jobUpdated.status);
    }
    expect(statuses).toEqual(['QUEUED', 'VALIDATING', 'INITIALIZING']);
    expect(upstream.requests.filter(({ path }) => path.endsWith(':1'))).toHaveLength(2);
  });

  test('gives a second stream what is known from before it', async () => {
    const { outage, alter } = failing(() => ({ status: 500 }));
    outage.isOn = false;
    const gateway = await watch(someJobs(1), { alter });
    const first = await gateway.stream.next();
    outage.isOn = true;
    await gateway.pass();
    const second = await openStream(gateway, SUBSCRIPTION, { variables: { qrns: [QRN] } });
    expect(await second.next()).toEqual(first);
  });
});

describe('with several keys, a job', () => {
  const query = 'subscription ($qrns: [String!]!) { jobUpdated(qrns: $qrns) { qrn status keys } }';
  const keys = 'alice=alice-key, bob=bob-key';

  async function watchAsTeam(lists: Record<string, RawJob[]>, qrns: string[]) {
    const gateway = await createTestGateway(jobService(lists));
    const stream = await openStream(gateway, query, { keys, variables: { qrns } });
    return { ...gateway, stream, pass: () => passTime(gateway, INTERVAL_MS) };
  }

  test('is watched with the key that may see it', async () => {
    const lists = { 'alice-key': [aJob('a:alice')], 'bob-key': [aJob('a:bob')] };
    const { stream, upstream, pass } = await watchAsTeam(lists, ['a:alice', 'a:bob']);
    const answers = [await stream.next(), await stream.next()];
    expect(answers.map((answer) => answer?.data.jobUpdated.keys)).toEqual([['alice'], ['bob']]);
    await pass();
    const asked = upstream.requests.length;
    await pass();
    expect(upstream.requests.slice(asked)).toEqual([
      { path: '/jobs/a:alice', key: 'alice-key' },
      { path: '/jobs/a:bob', key: 'bob-key' },
    ]);
  });

  test('that no key may see is an error as for a query', async () => {
    const lists = { 'alice-key': [], 'bob-key': [], 'carol-key': [aJob('a:carol')] };
    const { stream } = await watchAsTeam(lists, ['a:carol', 'a:gone']);
    expect((await stream.rest()).map(facts)).toEqual(
      expect.arrayContaining([
        [{ code: 'FORBIDDEN', qrn: 'a:carol', key: expect.any(String) }],
        [{ code: 'NOT_FOUND', qrn: 'a:gone', key: expect.any(String) }],
      ]),
    );
  });

  test('goes on with another key when its own is revoked', async () => {
    const jobs = [aJob('a:shared')];
    const lists: Record<string, RawJob[]> = { 'alice-key': jobs, 'bob-key': jobs };
    const { stream, pass } = await watchAsTeam(lists, ['a:shared']);
    const first = await stream.next();
    const [owner = ''] = first?.data.jobUpdated.keys ?? [];
    delete lists[`${owner}-key`];
    await pass();
    expect((await stream.next())?.data.jobUpdated.keys).toEqual([owner === 'alice' ? 'bob' : 'alice']);
  });

  test('that only a revoked key saw ends with the error of the key, and the others go on', async () => {
    const lists: Record<string, RawJob[]> = {
      'alice-key': [aJob('a:1'), aJob('a:2')],
      'bob-key': [aJob('a:bob')],
    };
    const { stream, pass } = await watchAsTeam(lists, ['a:1', 'a:2', 'a:bob']);
    for (let index = 0; index < 3; index += 1) await stream.next();
    delete lists['alice-key'];
    await pass();
    const refused = await stream.next();
    lists['bob-key'] = [aJob('a:bob', { status: 'COMPLETED', cost: 1 })];
    await pass();
    expect(facts(refused)).toEqual([{ code: 'UNAUTHENTICATED', key: 'alice' }]);
    expect((await stream.rest()).map((answer) => answer.data?.jobUpdated.qrn)).toEqual(['a:bob']);
  });
});

describe('with several keys, a job whose key cannot read it for now', () => {
  const query = 'subscription ($qrns: [String!]!) { jobUpdated(qrns: $qrns) { status keys } }';

  /** A stream over a job that both keys may see, while the one it is watched with fails in this way. */
  async function watchShared(reply: () => UpstreamBehaviour, otherSees = true) {
    const failing = { keys: new Set<string>() };
    const jobs = [aJob('a:shared')];
    const lists: JobLists = { 'alice-key': jobs, 'bob-key': jobs };
    const script = overriding(jobService(lists), ({ key = '' }) =>
      failing.keys.has(key) ? reply() : undefined,
    );
    const gateway = await createTestGateway(script);
    const keys = 'alice=alice-key, bob=bob-key';
    const stream = await openStream(gateway, query, { keys, variables: { qrns: ['a:shared'] } });
    const [label] = (await stream.next())?.data.jobUpdated.keys ?? [];
    await settled(gateway);
    const [own, other] = label === 'alice' ? ['alice', 'bob'] : ['bob', 'alice'];
    if (!otherSees) lists[`${other}-key`] = [];
    const change = (status: string) => {
      jobs[0] = aJob('a:shared', { status });
    };
    const askedWith = (from: number) => gateway.upstream.requests.slice(from).map(({ key }) => key);
    const pass = (ms = INTERVAL_MS) => passTime(gateway, ms);
    return { ...gateway, stream, own, other, lists, failing, change, askedWith, pass };
  }

  const holds = () => refusal(429, 'Slow down.', { 'retry-after': '37' });
  const passing: [what: string, reply: () => UpstreamBehaviour][] = [
    ['a 429', holds],
    ['a status of 500', () => ({ status: 500 })],
    ['a connection that breaks', () => 'reset'],
  ];

  test.each(passing)(
    'because of %s is watched with another one, and with that one only',
    async (_, reply) => {
      const { stream, own, other, failing, change, askedWith, pass, upstream } = await watchShared(reply);
      failing.keys.add(`${own}-key`);
      change('QUEUED');
      await pass();
      const second = await stream.next();
      failing.keys.clear();
      const asked = upstream.requests.length;
      for (let count = 0; count < 30; count += 1) await pass();
      expect(second?.data.jobUpdated).toEqual({ status: 'QUEUED', keys: [other] });
      expect(askedWith(asked)).toEqual(Array(30).fill(`${other}-key`));
    },
  );

  test('because it does not answer is watched with another one after 3 s', async () => {
    const { stream, own, other, failing, change, clock, upstream } = await watchShared(() => 'hang');
    failing.keys.add(`${own}-key`);
    change('QUEUED');
    const asked = upstream.requests.length;
    clock.advance(INTERVAL_MS);
    await upstream.received(asked + 1);
    clock.advance(3000);
    expect((await stream.next())?.data.jobUpdated).toEqual({ status: 'QUEUED', keys: [other] });
    await upstream.abandoned(1);
  });

  test('stays with it where no other may see the job', async () => {
    const { stream, own, other, failing, change, askedWith, pass, upstream } = await watchShared(
      holds,
      false,
    );
    failing.keys.add(`${own}-key`);
    await pass();
    change('QUEUED');
    failing.keys.clear();
    const asked = upstream.requests.length;
    await pass(20_000);
    await pass(17_000);
    expect((await stream.next())?.data.jobUpdated).toEqual({ status: 'QUEUED', keys: [own] });
    expect(askedWith(asked)).not.toContain(`${other}-key`);
  });

  test('goes back to it when it gives the job before the others, though nothing changed', async () => {
    const { own, other, failing, askedWith, pass, upstream } = await watchShared(() => ({ status: 500 }));
    failing.keys.add(`${own}-key`).add(`${other}-key`);
    await pass();
    await pass();
    expect(askedWith(upstream.requests.length - 2).sort()).toEqual(['alice-key', 'bob-key']);
    failing.keys.delete(`${own}-key`);
    await pass();
    const asked = upstream.requests.length;
    failing.keys.clear();
    for (let count = 0; count < 10; count += 1) await pass();
    expect(askedWith(asked)).toEqual(Array(10).fill(`${own}-key`));
  });

  test('because it does not answer is watched with another one by those who come later, too', async () => {
    const gateway = await watchShared(() => 'hang', false);
    const { own, failing, lists, clock, upstream } = gateway;
    failing.keys.add(`${own}-key`);
    const asked = upstream.requests.length;
    clock.advance(INTERVAL_MS);
    await upstream.received(asked + 1);
    clock.advance(3000);
    await upstream.received(asked + 2);
    lists['carol-key'] = [aJob('a:shared', { status: 'QUEUED' })];
    const keys = 'alice=alice-key, bob=bob-key, carol=carol-key';
    const late = await openStream(gateway, query, { keys, variables: { qrns: ['a:shared'] } });
    const answers = [await late.next(), await late.next()];
    expect(answers.map((answer) => answer?.data.jobUpdated)).toEqual([
      { status: 'RUNNING', keys: [own] },
      { status: 'QUEUED', keys: ['carol'] },
    ]);
  });

  test('is asked for with nobody else while all is well', async () => {
    const { own, askedWith, pass, upstream } = await watchShared(holds);
    const asked = upstream.requests.length;
    for (let count = 0; count < 30; count += 1) await pass();
    expect(askedWith(asked)).toEqual(Array(30).fill(`${own}-key`));
  });
});

describe('an event', () => {
  test('holds the batch of the job as it is by then', async () => {
    const query =
      'subscription ($qrns: [String!]!) { jobUpdated(qrns: $qrns) { status batchJob { status } } }';
    const jobs = [aJob(QRN, { batchJobQrn: 'a:batch' }), aJob('a:batch')];
    const { stream, change, pass } = await watch(jobs, { query, variables: { qrns: [QRN] } });
    const first = await stream.next();
    change(1, { status: 'COMPLETED', cost: 3 });
    change(0, { status: 'COMPLETED', cost: 3 });
    await pass();
    expect([first, ...(await stream.rest())]).toEqual([
      { data: { jobUpdated: { status: 'RUNNING', batchJob: { status: 'RUNNING' } } } },
      { data: { jobUpdated: { status: 'COMPLETED', batchJob: { status: 'COMPLETED' } } } },
    ]);
  });

  test('holds the error of a batch that failed, and the next one none', async () => {
    const { outage, alter } = failing(({ path }) => (path.endsWith('a:batch') ? { status: 500 } : undefined));
    const query = 'subscription ($qrns: [String!]!) { jobUpdated(qrns: $qrns) { status batchJob { qrn } } }';
    const jobs = [aJob(QRN, { batchJobQrn: 'a:batch' }), aJob('a:batch')];
    const { stream, change, pass } = await watch(jobs, { query, alter, variables: { qrns: [QRN] } });
    const first = await stream.next();
    outage.isOn = false;
    change(0, { status: 'COMPLETED', cost: 3 });
    await pass();
    expect(first?.data.jobUpdated).toEqual({ status: 'RUNNING', batchJob: null });
    expect(facts(first)).toEqual([{ code: 'UPSTREAM_UNAVAILABLE' }]);
    expect(await stream.rest()).toEqual([
      { data: { jobUpdated: { status: 'COMPLETED', batchJob: { qrn: 'a:batch' } } } },
    ]);
  });
});

describe('the stream', () => {
  test('is one that proxies pass on at once', async () => {
    const { stream } = await watch(someJobs(1));
    expect(Object.fromEntries(stream.response.headers)).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'private, no-store',
      'x-accel-buffering': 'no',
    });
  });

  test('gives a sign of life at once, and again after each interval', async () => {
    const { stream, change, pass } = await watch(someJobs(1));
    await stream.next();
    expect(stream.comments).toBe(1);
    const next = stream.next();
    await pass(12_000);
    await pass(12_000);
    change(0, { status: 'QUEUED' });
    await pass(12_000);
    await next;
    expect(stream.comments).toBeGreaterThanOrEqual(3);
  });

  test('answers a query too, for those who accept nothing else', async () => {
    const { stream } = await watch(someJobs(1), { query: '{ __typename }' });
    expect(await stream.rest()).toEqual([{ data: { __typename: 'Query' } }]);
  });
});

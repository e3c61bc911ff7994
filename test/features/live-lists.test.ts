import { describe, expect, test } from 'vitest';
import { type Answer, createTestGateway } from '../support/create-test-gateway.ts';
import { openStream } from '../support/event-stream.ts';
import { aJob, type RawJob, someJobs } from '../support/job-builder.ts';
import { type JobLists, jobService, overriding, refusal } from '../support/job-service.ts';
import { passTime } from '../support/pass-time.ts';
import type { UpstreamBehaviour, UpstreamScript } from '../support/scripted-upstream.ts';

const SUBSCRIPTION = `subscription ($filter: JobFilter, $first: Int) {
  jobsChanged(filter: $filter, first: $first) {
    totalCount nodes { qrn status } sources { key totalCount error { code } }
  }
}`;
/** The same without the errors of its sources. */
const SILENT = SUBSCRIPTION.replace('error { code }', '');
const TEAM = 'alice=alice-key, bob=bob-key';
const INTERVAL_MS = 2000;

/** A stream over the lists of an upstream, which a test may change. */
async function watch(
  lists: JobLists,
  { alter = (script: UpstreamScript) => script, query = SUBSCRIPTION, ...options } = {} as WatchOptions,
) {
  const gateway = await createTestGateway(alter(jobService(lists)));
  const stream = await openStream(gateway, query, options);
  return { ...gateway, stream, pass: (ms = INTERVAL_MS) => passTime(gateway, ms) };
}

interface WatchOptions {
  readonly alter?: (script: UpstreamScript) => UpstreamScript;
  readonly query?: string;
  readonly keys?: string;
  readonly variables?: Readonly<Record<string, unknown>>;
}

/** An upstream that fails one key in this way for as long as `outage.isOn`. */
function failing(failingKey: string, reply: () => UpstreamBehaviour) {
  const outage = { isOn: true };
  const alter = (script: UpstreamScript) =>
    overriding(script, ({ key }) => (outage.isOn && key === failingKey ? reply() : undefined));
  return { outage, alter };
}

const qrnsOf = (answer: Answer | null) => answer?.data.jobsChanged.nodes.map(({ qrn }: RawJob) => qrn);
const codesOf = (answer: Answer | null) =>
  answer?.errors?.map(({ extensions: { code, key } }) => (key === undefined ? code : [code, key]));

describe('a watched list', () => {
  test('is given at once, and again when a job in it changes', async () => {
    const lists = { 'alice-key': someJobs(2) };
    const { stream, pass } = await watch(lists);
    const first = await stream.next();
    lists['alice-key'][1] = aJob('qbraid:job:1', { ...lists['alice-key'][1], status: 'COMPLETED', cost: 1 });
    await pass();
    const sources = [{ key: 'default', totalCount: 2, error: null }];
    const running = { qrn: 'qbraid:job:0', status: 'RUNNING' };
    expect([first, await stream.next()]).toEqual([
      {
        data: {
          jobsChanged: {
            totalCount: 2,
            nodes: [running, { qrn: 'qbraid:job:1', status: 'RUNNING' }],
            sources,
          },
        },
      },
      {
        data: {
          jobsChanged: {
            totalCount: 2,
            nodes: [running, { qrn: 'qbraid:job:1', status: 'COMPLETED' }],
            sources,
          },
        },
      },
    ]);
  });

  test('is given again when a job comes, and when one goes', async () => {
    const lists = { 'alice-key': someJobs(2) };
    const { stream, pass } = await watch(lists);
    const answers = [await stream.next()];
    lists['alice-key'].unshift(aJob('a:new', { createdAt: '2026-01-15T00:00:00Z' }));
    await pass();
    answers.push(await stream.next());
    lists['alice-key'].pop();
    await pass();
    answers.push(await stream.next());
    expect(answers.map(qrnsOf)).toEqual([
      ['qbraid:job:0', 'qbraid:job:1'],
      ['a:new', 'qbraid:job:0', 'qbraid:job:1'],
      ['a:new', 'qbraid:job:0'],
    ]);
  });

  test('is given again when it grows behind its first page', async () => {
    const lists = { 'alice-key': someJobs(3) };
    const { stream, pass } = await watch(lists, { variables: { first: 2 } });
    const first = await stream.next();
    lists['alice-key'].push(aJob('a:old', { createdAt: '2020-01-15T00:00:00Z' }));
    await pass();
    const second = await stream.next();
    expect([first, second].map((answer) => answer?.data.jobsChanged.totalCount)).toEqual([3, 4]);
    expect(qrnsOf(second)).toEqual(qrnsOf(first));
  });

  test('says when it was read, and is not given again only because of that', async () => {
    const lists = { 'alice-key': someJobs(1) };
    const query = 'subscription { jobsChanged { isStale fetchedAt totalCount } }';
    const { stream, pass, clock } = await watch(lists, { query });
    const [startMs, first] = [clock.now(), await stream.next()];
    await pass();
    await pass();
    lists['alice-key'].push(aJob('a:new'));
    await pass();
    const second = await stream.next();
    expect([first, second].map((answer) => answer?.data.jobsChanged)).toEqual([
      { isStale: false, fetchedAt: new Date(startMs).toISOString(), totalCount: 1 },
      { isStale: false, fetchedAt: new Date(startMs + 3 * INTERVAL_MS).toISOString(), totalCount: 2 },
    ]);
  });

  test('is not given again when it was merely read again', async () => {
    const lists = { 'alice-key': someJobs(2) };
    const { stream, pass, upstream } = await watch(lists);
    await stream.next();
    await pass();
    await pass();
    expect(upstream.requests).toHaveLength(3);
    lists['alice-key'].pop();
    await pass();
    expect(qrnsOf(await stream.next())).toEqual(['qbraid:job:0']);
  });

  test('has the 50 newest jobs where nothing else is said', async () => {
    const query = 'subscription { jobsChanged { nodes { qrn } } }';
    const { stream, upstream } = await watch({ 'alice-key': someJobs(60) }, { query });
    expect(qrnsOf(await stream.next())).toHaveLength(50);
    expect(upstream.requests.map(({ path }) => path)).toEqual(['/jobs?page=1&limit=50']);
  });

  test('holds only jobs that match the filter', async () => {
    const lists = { 'alice-key': [aJob('a:1'), aJob('a:2', { status: 'QUEUED' })] };
    const variables = { filter: { status: 'QUEUED' } };
    const { stream, pass } = await watch(lists, { variables });
    const first = await stream.next();
    lists['alice-key'][0] = aJob('a:1', { status: 'QUEUED' });
    await pass();
    expect([qrnsOf(first), qrnsOf(await stream.next())]).toEqual([['a:2'], ['a:1', 'a:2']]);
  });

  test.each<[what: string, variables: object]>([
    ['too many jobs', { first: 501 }],
    ['jobs of a key that is not there', { filter: { keys: ['carol'] } }],
    ['jobs that match no text', { filter: { search: '' } }],
  ])('cannot be one of %s', async (_, variables) => {
    const { stream, upstream, clock } = await watch({ 'alice-key': [] }, { variables: { ...variables } });
    expect((await stream.rest()).map(codesOf)).toEqual([['BAD_USER_INPUT']]);
    expect(upstream.requests).toEqual([]);
    expect(clock.pending).toBe(0);
  });

  test('ends with its one error when its key is revoked', async () => {
    const { outage, alter } = failing('alice-key', () => refusal(401, 'Invalid API key'));
    outage.isOn = false;
    const { stream, pass, clock } = await watch({ 'alice-key': someJobs(2) }, { alter });
    await stream.next();
    const rest = stream.rest();
    outage.isOn = true;
    await pass();
    expect((await rest).map(codesOf)).toEqual([['UNAUTHENTICATED']]);
    expect(clock.pending).toBe(0);
  });

  test.each<[what: string, reply: () => UpstreamBehaviour]>([
    ['a status of 500', () => ({ status: 500 })],
    ['a 429', () => refusal(429, 'Slow down.', { 'retry-after': '3' })],
    ['a connection that breaks', () => 'reset'],
  ])('goes on after %s, at its beginning and later', async (_, reply) => {
    const { outage, alter } = failing('alice-key', reply);
    const lists = { 'alice-key': someJobs(1) };
    const { stream, pass } = await watch(lists, { alter });
    const first = stream.next();
    await pass(0);
    await pass();
    outage.isOn = false;
    await pass();
    await pass();
    expect(qrnsOf(await first)).toEqual(['qbraid:job:0']);
    outage.isOn = true;
    await pass();
    await pass();
    outage.isOn = false;
    lists['alice-key'].pop();
    await pass();
    await pass();
    expect(qrnsOf(await stream.next())).toEqual([]);
  });

  test('holds the batches of its jobs as they are by then', async () => {
    const query = 'subscription { jobsChanged(first: 1) { nodes { qrn batchJob { status } } } }';
    const lists = { 'alice-key': [aJob('a:1', { batchJobQrn: 'a:batch' }), aJob('a:batch')] };
    const { stream, pass } = await watch(lists, { query });
    const first = await stream.next();
    lists['alice-key'] = [
      aJob('a:1', { batchJobQrn: 'a:batch', status: 'COMPLETED', cost: 1 }),
      aJob('a:batch', { status: 'COMPLETED', cost: 1 }),
    ];
    await pass();
    const statuses = [first, await stream.next()].map(
      (answer) => answer?.data.jobsChanged.nodes[0].batchJob.status,
    );
    expect(statuses).toEqual(['RUNNING', 'COMPLETED']);
  });

  test('says so where it is older than it should be', async () => {
    const { outage, alter } = failing('alice-key', () => refusal(429, 'Slow down.', { 'retry-after': '60' }));
    outage.isOn = false;
    const gateway = await createTestGateway(alter(jobService({ 'alice-key': someJobs(1) })));
    const variables = { first: 50 };
    await (await openStream(gateway, SUBSCRIPTION, { variables })).next();
    outage.isOn = true;
    await passTime(gateway, INTERVAL_MS);
    const late = await (await openStream(gateway, SUBSCRIPTION, { variables })).next();
    expect(late).toMatchObject({ data: { jobsChanged: { totalCount: 1 } }, extensions: { stale: true } });
  });
});

describe('with several keys, a watched list', () => {
  const lists = () => ({ 'alice-key': [aJob('a:1')], 'bob-key': [aJob('a:2')] });

  test('is one, and each key counts', async () => {
    const { stream } = await watch(lists(), { keys: TEAM });
    const { nodes, sources } = (await stream.next())?.data.jobsChanged ?? {};
    expect(nodes.map(({ qrn }: RawJob) => qrn).sort()).toEqual(['a:1', 'a:2']);
    expect(sources).toEqual([
      { key: 'alice', totalCount: 1, error: null },
      { key: 'bob', totalCount: 1, error: null },
    ]);
  });

  test('says that a key fails as long as it does, and then no more', async () => {
    const { outage, alter } = failing('bob-key', () => ({ status: 500 }));
    const jobs = lists();
    const { stream, pass } = await watch(jobs, { alter, keys: TEAM, query: SILENT });
    const answers = [await stream.next()];
    jobs['alice-key'] = [aJob('a:1', { status: 'QUEUED' })];
    await pass();
    answers.push(await stream.next());
    outage.isOn = false;
    await pass();
    answers.push(await stream.next());
    expect(answers.map((answer) => [qrnsOf(answer), codesOf(answer)])).toEqual([
      [['a:1'], [['UPSTREAM_UNAVAILABLE', 'bob']]],
      [['a:1'], [['UPSTREAM_UNAVAILABLE', 'bob']]],
      [expect.arrayContaining(['a:1', 'a:2']), undefined],
    ]);
  });

  test('says that a key fails in its data alone, where the operation selects the errors of sources', async () => {
    const { outage, alter } = failing('bob-key', () => ({ status: 500 }));
    const jobs = lists();
    const { stream, pass } = await watch(jobs, { alter, keys: TEAM });
    const answers = [await stream.next()];
    jobs['alice-key'] = [aJob('a:1', { status: 'QUEUED' })];
    await pass();
    answers.push(await stream.next());
    outage.isOn = false;
    await pass();
    answers.push(await stream.next());
    const failuresOf = (answer: Answer | null) =>
      answer?.data.jobsChanged.sources.map(({ error }: { error: { code: string } | null }) => error?.code);
    expect(answers.map((answer) => [failuresOf(answer), codesOf(answer)])).toEqual([
      [[undefined, 'UPSTREAM_UNAVAILABLE'], undefined],
      [[undefined, 'UPSTREAM_UNAVAILABLE'], undefined],
      [[undefined, undefined], undefined],
    ]);
  });

  test('ends only when all keys are refused', async () => {
    const jobs: JobLists = lists();
    const { stream, pass } = await watch(jobs, { keys: TEAM, query: SILENT });
    await stream.next();
    delete jobs['alice-key'];
    await pass();
    const partial = await stream.next();
    delete jobs['bob-key'];
    await pass();
    expect([qrnsOf(partial), codesOf(partial)]).toEqual([['a:2'], [['UNAUTHENTICATED', 'alice']]]);
    expect((await stream.rest()).map(codesOf)).toEqual([[['UNAUTHENTICATED', 'alice']]]);
  });

  test.each([
    ['alice', 'bob'],
    ['bob', 'alice'],
  ])('goes on at its pace while the key of %s is held, with the jobs of %s', async (held, other) => {
    const { outage, alter } = failing(`${held}-key`, () =>
      refusal(429, 'Slow down.', { 'retry-after': '37' }),
    );
    outage.isOn = false;
    const jobs: Record<string, RawJob[]> = lists();
    const { stream, pass } = await watch(jobs, { alter, keys: TEAM });
    await stream.next();
    outage.isOn = true;
    await pass();
    await pass();
    jobs[`${other}-key`] = [];
    await pass();
    expect((await stream.next())?.data.jobsChanged.totalCount).toBe(1);
  });

  test('asks a key that runs low about as often as alone', async () => {
    const environment = { RATE_LIMIT_REQUESTS: '100', WATCH_MIN_INTERVAL_MS: '1000' };
    const requestsWith = async (keys: string) => {
      const gateway = await createTestGateway(jobService(lists()), environment);
      // What Alice asks for besides leaves her little.
      for (let count = 0; count < 40; count += 1) await gateway.query(`{ job(qrn: "a:${count}") { qrn } }`);
      const asked = gateway.upstream.requests.length;
      const stream = await openStream(gateway, SUBSCRIPTION, { keys });
      await stream.next();
      for (let count = 0; count < 120; count += 1) await passTime(gateway, 1000);
      stream.cut();
      return gateway.upstream.requests.slice(asked).filter(({ key }) => key === 'alice-key').length;
    };
    expect(await requestsWith(TEAM)).toBeLessThanOrEqual((await requestsWith('alice=alice-key')) + 1);
  });

  test('costs the same, in whatever order two clients send them', async () => {
    const gateway = await createTestGateway(jobService(lists()));
    const streams = [
      await openStream(gateway, SUBSCRIPTION, { keys: TEAM }),
      await openStream(gateway, SUBSCRIPTION, { keys: 'b=bob-key, a=alice-key' }),
    ];
    await Promise.all(streams.map((stream) => stream.next()));
    for (let count = 0; count < 5; count += 1) await passTime(gateway, INTERVAL_MS);
    expect(gateway.upstream.requests).toHaveLength(2 * 6);
  });
});

describe('a watched page behind a cursor', () => {
  const PAGE = `subscription ($first: Int, $after: String, $filter: JobFilter) {
    jobsChanged(first: $first, after: $after, filter: $filter) { nodes { qrn status } }
  }`;
  const FIRST_PAGE = '{ jobs(first: 2) { pageInfo { endCursor } } }';

  /** A gateway over four jobs of Alice, which a test may change, and the cursor behind the first two. */
  async function openBehindFirst() {
    const jobs = someJobs(4);
    const gateway = await createTestGateway(jobService({ 'alice-key': jobs }));
    const { data } = await gateway.query(FIRST_PAGE);
    return { ...gateway, jobs, after: data.jobs.pageInfo.endCursor };
  }

  test('is given at once, and again when a job in it changes', async () => {
    const { jobs, after, ...gateway } = await openBehindFirst();
    const stream = await openStream(gateway, PAGE, { variables: { first: 2, after } });
    const first = await stream.next();
    jobs[3] = aJob('qbraid:job:3', { ...jobs[3], status: 'COMPLETED', cost: 1 });
    await passTime(gateway, INTERVAL_MS);

    const events = [first, await stream.next()].map((event) => event?.data.jobsChanged.nodes);

    const unchanged = { qrn: 'qbraid:job:2', status: 'RUNNING' };
    expect(events).toEqual([
      [unchanged, { qrn: 'qbraid:job:3', status: 'RUNNING' }],
      [unchanged, { qrn: 'qbraid:job:3', status: 'COMPLETED' }],
    ]);
  });

  test('stays where it is when jobs come before it', async () => {
    const { jobs, after, ...gateway } = await openBehindFirst();
    const stream = await openStream(gateway, PAGE, { variables: { first: 2, after } });
    await stream.next();
    jobs.unshift(aJob('a:new', { createdAt: '2026-01-15T00:00:00Z' }));
    jobs[4] = aJob('qbraid:job:3', { ...jobs[4], status: 'COMPLETED', cost: 1 });
    await passTime(gateway, INTERVAL_MS);

    expect(qrnsOf(await stream.next())).toEqual(['qbraid:job:2', 'qbraid:job:3']);
  });

  test.each<[what: string, variables: object]>([
    ['no cursor of the gateway', { after: 'nonsense' }],
    ['an empty text', { after: '' }],
    ['a cursor of another filter', { filter: { status: 'RUNNING' } }],
  ])('is refused before anything is asked where `after` is %s', async (_, variables) => {
    const { after, ...gateway } = await openBehindFirst();
    const asked = gateway.upstream.requests.length;
    const stream = await openStream(gateway, PAGE, { variables: { first: 2, after, ...variables } });

    const events = await stream.rest();

    expect([events.map(codesOf), gateway.upstream.requests.length - asked]).toEqual([
      [['BAD_USER_INPUT']],
      0,
    ]);
  });
});

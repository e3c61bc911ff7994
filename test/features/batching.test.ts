import { describe, expect, test } from 'vitest';
import { toGlobalId } from '../../src/graphql/global-id.ts';
import { createTestGateway, type TestGateway } from '../support/create-test-gateway.ts';
import { openStream } from '../support/event-stream.ts';
import type { FakeClock } from '../support/fake-clock.ts';
import { holdAnswers } from '../support/held-answers.ts';
import { aJob, type RawJob, someJobs } from '../support/job-builder.ts';
import { jobService, overriding, refusal } from '../support/job-service.ts';
import { passTime } from '../support/pass-time.ts';
import type { UpstreamBehaviour, UpstreamScript } from '../support/scripted-upstream.ts';
import { createTickingClock } from '../support/ticking-clock.ts';

const firstPage = '/jobs?page=1&limit=100';
const pendingPage = '/jobs?statusGroup=pending&page=1&limit=100';

/** An upstream whose lists know what is under way. */
const serve = (jobs: RawJob[]) =>
  jobService(
    { 'alice-key': jobs },
    (job, query) => !query.has('statusGroup') || !['COMPLETED', 'FAILED'].includes(String(job['status'])),
  );

/** A gateway, with what asks it for jobs at once: the paths that this took to upstream, without single reads. */
async function openGateway(
  script: UpstreamScript,
  environment: Record<string, string> = {},
  ownClock?: FakeClock,
) {
  const gateway = await createTestGateway(script, environment, ownClock);

  async function readAtOnce(qrns: readonly string[], headers: Record<string, string> = {}) {
    const before = gateway.upstream.requests.length;
    const { data, errors = [] } = await gateway.query(
      'query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Job { qrn } } }',
      { variables: { ids: qrns.map(toGlobalId) }, headers },
    );
    const paths = gateway.upstream.requests.slice(before).map(({ path }) => path);
    const lists = paths.filter((path) => path.startsWith('/jobs?'));
    const found = data.nodes.filter((node: unknown) => node !== null).length;
    return { found, lists, singles: paths.length - lists.length, codes: codesOf(errors) };
  }

  return { ...gateway, readAtOnce };
}

const codesOf = (errors: readonly { readonly extensions: { readonly code: string } }[]) => [
  ...new Set(errors.map(({ extensions }) => extensions.code)),
];

const qrnsOf = (jobs: readonly RawJob[]) => jobs.map(({ jobQrn }) => jobQrn);

/** So many names that nobody has. */
const noJobs = (count: number, prefix = 'none') =>
  Array.from({ length: count }, (_, index) => `${prefix}:${index}`);

describe('jobs that are asked for at once', () => {
  test.each([
    [1, 1, []],
    [2, 2, []],
    [3, 0, [firstPage]],
    [100, 0, [firstPage]],
    [101, 0, [firstPage, '/jobs?page=2&limit=100']],
  ])('are %i: %i are read one by one, the others from list pages', async (count, singles, lists) => {
    const jobs = someJobs(count);
    const { readAtOnce } = await openGateway(serve(jobs));
    expect(await readAtOnce(qrnsOf(jobs))).toEqual({ found: count, singles, lists, codes: [] });
  });

  test('are 500, as many as may be: that takes five requests', async () => {
    const jobs = someJobs(600);
    const { readAtOnce } = await openGateway(serve(jobs));
    const { found, lists, singles } = await readAtOnce(qrnsOf(jobs).slice(0, 500));
    expect([found, lists.length, singles]).toEqual([500, 5, 0]);
  });

  test('are 500 among 1,000: that takes ten requests', async () => {
    const jobs = someJobs(1000);
    const { readAtOnce } = await openGateway(serve(jobs));
    const { found, lists, singles } = await readAtOnce(qrnsOf(jobs).filter((_, index) => index % 2 === 0));
    expect([found, lists.length + singles]).toEqual([500, 10]);
  });

  test('are looked for on list pages for as long as these pay', async () => {
    const jobs = someJobs(1000);
    const recent = qrnsOf(jobs).slice(0, 5);
    const old = qrnsOf(jobs).slice(990, 995);
    const { readAtOnce } = await openGateway(serve(jobs));
    expect(await readAtOnce([...recent, ...old])).toEqual({
      found: 10,
      lists: [firstPage, '/jobs?page=2&limit=100'],
      singles: 5,
      codes: [],
    });
  });

  test('are not looked for behind the end of the list', async () => {
    const jobs = someJobs(4);
    const { readAtOnce } = await openGateway(serve(jobs));
    expect(await readAtOnce([...qrnsOf(jobs), ...noJobs(200)])).toMatchObject({ lists: [firstPage] });
  });

  test('cost nothing where they are known', async () => {
    const jobs = someJobs(50);
    const { readAtOnce, query } = await openGateway(serve(jobs));
    await query('{ jobs(first: 50) { nodes { qrn } } }');
    expect(await readAtOnce(qrnsOf(jobs))).toEqual({ found: 50, lists: [], singles: 0, codes: [] });
  });

  test('only count as many as are not known', async () => {
    const jobs = someJobs(50);
    const { readAtOnce, query } = await openGateway(serve(jobs));
    await query('{ jobs(first: 48) { nodes { qrn } } }');
    expect(await readAtOnce(qrnsOf(jobs))).toMatchObject({ found: 50, lists: [], singles: 2 });
  });

  test('are the parents of a page of jobs, whichever field asks for them', async () => {
    const batches = someJobs(4, 'batch');
    const members = someJobs(40).map((job, index) => ({ ...job, batchJobQrn: batches[index % 4]?.jobQrn }));
    const { query, upstream } = await openGateway(serve([...members, ...batches]));
    await query('{ jobs(first: 40) { nodes { batchJob { qrn } } } }');
    expect(upstream.requests.map(({ path }) => path)).toEqual(['/jobs?page=1&limit=40', firstPage]);
  });

  test('are read with the pages that another operation is reading', async () => {
    const jobs = someJobs(9);
    const { readAtOnce, upstream } = await openGateway(serve(jobs));
    await Promise.all([readAtOnce(qrnsOf(jobs).slice(0, 5)), readAtOnce(qrnsOf(jobs).slice(3))]);
    expect(upstream.requests).toHaveLength(1);
  });
});

describe('jobs that were seen before', () => {
  test('are read from the page that they stood on', async () => {
    const jobs = someJobs(1000);
    const { readAtOnce, query, clock } = await openGateway(serve(jobs));
    const { data } = await query('{ jobs(last: 40) { nodes { qrn } } }');
    clock.advance(2000);
    const qrns = data.jobs.nodes.map(({ qrn }: { qrn: string }) => qrn);
    expect(await readAtOnce(qrns)).toMatchObject({
      found: 40,
      lists: ['/jobs?page=10&limit=100'],
      singles: 0,
    });
  });

  test('under way, are read from the list of those, however old they are', async () => {
    const jobs = someJobs(1000, '', { status: 'COMPLETED', cost: 1 });
    for (const index of [5, 250, 450, 650, 850]) jobs[index] = aJob(`old:${index}`);
    const qrns = qrnsOf(jobs).filter((qrn) => qrn.startsWith('old'));
    const { readAtOnce, clock } = await openGateway(serve(jobs));
    await readAtOnce(qrns);
    for (let poll = 0; poll < 3; poll += 1) {
      clock.advance(2000);
      expect(await readAtOnce(qrns)).toEqual({ found: 5, lists: [pendingPage], singles: 0, codes: [] });
    }
  });

  test('under way, cost one request more when one of them ends', async () => {
    const jobs = someJobs(300, '', { status: 'COMPLETED', cost: 1 });
    for (const index of [0, 60, 120, 180, 240]) jobs[index] = aJob(`old:${index}`);
    const qrns = qrnsOf(jobs).filter((qrn) => qrn.startsWith('old'));
    const { readAtOnce, clock } = await openGateway(serve(jobs));
    await readAtOnce(qrns);
    jobs[120] = aJob('old:120', { status: 'COMPLETED', cost: 1 });
    clock.advance(2000);
    expect(await readAtOnce(qrns)).toMatchObject({ found: 5, lists: [pendingPage], singles: 1 });
    clock.advance(2000);
    expect(await readAtOnce(qrns)).toMatchObject({ found: 5, lists: [pendingPage], singles: 0 });
  });
});

describe('jobs that are polled together', () => {
  const qrns = qrnsOf(someJobs(40));
  const oneList = { found: 40, lists: [firstPage], singles: 0, codes: [] };

  test.each([0, 0.01, 0.4, 3])(
    'cost one list request each time, also where the clock ticks %f ms at each reading',
    async (stepMs) => {
      const { readAtOnce, clock } = await openGateway(serve(someJobs(40)), {}, createTickingClock(stepMs));
      const polls: unknown[] = [];
      for (let poll = 0; poll < 5; poll += 1) {
        polls.push(await readAtOnce(qrns));
        clock.advance(2500);
      }
      expect(polls).toEqual(polls.map(() => oneList));
    },
  );

  test('and watched by a subscription cost one list request each time', async () => {
    const clock = createTickingClock(0.1);
    const gateway = await createTestGateway(serve(someJobs(40)), {}, clock);
    const stream = await openStream(
      gateway,
      'subscription ($qrns: [String!]!) { jobUpdated(qrns: $qrns) { qrn } }',
      {
        variables: { qrns },
      },
    );
    for (let job = 0; job < 40; job += 1) await stream.next();
    for (let poll = 0; poll < 5; poll += 1) await passTime(gateway, 2500);
    const paths = gateway.upstream.requests.map(({ path }) => path);
    expect(paths).toEqual(paths.map(() => firstPage));
    expect(paths.length).toBeGreaterThanOrEqual(5);
  });

  test.each([['first'], ['last']])(
    'are found, and not missed later, where another list with them lands %s',
    async (order) => {
      const isOther = (path: string) => path.includes('search=');
      const isFirst = (path: string) => path.startsWith('/jobs?') && isOther(path) === (order === 'first');
      let isHolding = false;
      const last = holdAnswers(
        serve(someJobs(40)),
        (path) => isHolding && path.startsWith('/jobs?') && !isFirst(path),
      );
      const first = holdAnswers(last.script, (path) => isHolding && isFirst(path));
      const { readAtOnce, query, clock, upstream } = await openGateway(
        first.script,
        {},
        createTickingClock(0.4),
      );
      isHolding = true;
      const other = query('{ jobs(first: 100, filter: { search: "bell" }) { nodes { qrn } } }');
      await upstream.received(1);
      const batch = readAtOnce(qrns);
      await upstream.received(2);
      first.release();
      if (order === 'first') await other;
      else await batch;
      last.release();
      const { found, singles } = await batch;
      await other;
      isHolding = false;
      clock.advance(2500);
      expect([found, singles, await readAtOnce(qrns)]).toEqual([40, 0, oneList]);
    },
  );
});

describe('lists that do not hold what is asked for', () => {
  /** An upstream that answers for all jobs, but lists none of these. */
  const hiding = (jobs: RawJob[]) =>
    jobService({ 'alice-key': jobs }, (job) => !job.jobQrn.includes('hidden'));

  test('are not asked for it again for a while', async () => {
    const jobs = someJobs(20, 'hidden');
    const { readAtOnce, clock } = await openGateway(hiding(jobs));
    const polls: [lists: number, singles: number][] = [];
    for (let poll = 0; poll < 4; poll += 1) {
      const { lists, singles } = await readAtOnce(qrnsOf(jobs));
      polls.push([lists.length, singles]);
      clock.advance(5000);
    }
    // Once in the list of all jobs and, once they are known to be under way, in the list of those.
    expect(polls).toEqual([
      [1, 20],
      [1, 20],
      [0, 20],
      [0, 20],
    ]);
    clock.advance(60_000);
    expect((await readAtOnce(qrnsOf(jobs))).lists).toEqual([pendingPage, firstPage]);
  });

  test('are not asked for a few other jobs either, for a while', async () => {
    const jobs = someJobs(20, 'hidden');
    const { readAtOnce, clock } = await openGateway(hiding(jobs));
    await readAtOnce(qrnsOf(jobs).slice(0, 4));
    expect(await readAtOnce(qrnsOf(jobs).slice(4, 8))).toMatchObject({ lists: [], singles: 4 });
    clock.advance(60_001);
    expect(await readAtOnce(qrnsOf(jobs).slice(8, 12))).toMatchObject({ lists: [firstPage], singles: 4 });
  });

  test('are still asked for many others', async () => {
    const jobs = someJobs(4, 'hidden');
    const { readAtOnce } = await openGateway(hiding(jobs));
    await readAtOnce(qrnsOf(jobs));
    const others = someJobs(50);
    jobs.push(...others);
    expect(await readAtOnce(qrnsOf(others))).toEqual({
      found: 50,
      lists: [firstPage],
      singles: 0,
      codes: [],
    });
  });

  test('are asked again once they turn out to hold it', async () => {
    const jobs = someJobs(5, 'hidden');
    const lists = { 'alice-key': [...jobs] };
    let isHidden = true;
    const { readAtOnce, query, clock } = await openGateway(jobService(lists, () => !isHidden));
    await readAtOnce(qrnsOf(jobs));
    isHidden = false;
    clock.advance(3000);
    await query('{ jobs(first: 5) { nodes { qrn } } }');
    clock.advance(3000);
    expect(await readAtOnce(qrnsOf(jobs))).toMatchObject({ found: 5, lists: [firstPage], singles: 0 });
  });

  test('cost no more than a few requests where the cache can hold next to nothing', async () => {
    const jobs = someJobs(20, 'hidden');
    const { readAtOnce } = await openGateway(hiding(jobs), { STORE_MAX_ENTRIES: '1' });
    expect(await readAtOnce(qrnsOf(jobs))).toEqual({ found: 20, lists: [firstPage], singles: 20, codes: [] });
  });

  test('give what they hold even where the cache can hold next to nothing', async () => {
    const jobs = someJobs(20);
    const { readAtOnce } = await openGateway(serve(jobs), { STORE_MAX_ENTRIES: '1' });
    expect(await readAtOnce(qrnsOf(jobs))).toEqual({ found: 20, lists: [firstPage], singles: 0, codes: [] });
  });
});

describe('a list page that cannot be read', () => {
  test.each([
    ['is out of order', { status: 500 }],
    ['is refused', refusal(403, 'No lists for you')],
    ['is no list', { body: { success: true, data: null } }],
    ['is cut off', { body: '{"success": true, "data": [', isCutOff: true }],
  ])('%s: the jobs are read one by one', async (_, answer) => {
    const jobs = someJobs(5);
    const service = overriding(serve(jobs), ({ path }) => (path.startsWith('/jobs?') ? answer : undefined));
    const { readAtOnce } = await openGateway(service);
    expect(await readAtOnce(qrnsOf(jobs))).toEqual({ found: 5, lists: [firstPage], singles: 5, codes: [] });
  });

  test('does not keep the jobs on other pages from being found', async () => {
    const jobs = someJobs(300);
    const service = overriding(serve(jobs), ({ path }) =>
      path.includes('page=3') ? { status: 500 } : undefined,
    );
    const { readAtOnce } = await openGateway(service, { MAX_UPSTREAM_REQUESTS_PER_OPERATION: '103' });
    expect(await readAtOnce(qrnsOf(jobs))).toMatchObject({ found: 300, singles: 100, codes: [] });
  });

  test('lags behind what is known of a job: that one is read by itself', async () => {
    const jobs = someJobs(5, '', { updatedAt: '2026-01-15T10:00:00Z' });
    const changed = { ...jobs[2], ...aJob('qbraid:job:2', { updatedAt: '2026-01-15T10:00:01Z' }) };
    const single = serve(jobs.with(2, changed));
    const service = overriding(serve(jobs), (request) =>
      request.path.startsWith('/jobs/') ? (single(request) as UpstreamBehaviour) : undefined,
    );
    const { readAtOnce, clock } = await openGateway(service);
    await readAtOnce(['qbraid:job:2']);
    clock.advance(3000);
    expect(await readAtOnce(qrnsOf(jobs))).toEqual({ found: 5, lists: [firstPage], singles: 1, codes: [] });
  });

  test('holds a job that cannot be read: that one is read by itself', async () => {
    const jobs = someJobs(5);
    const broken = jobs.map((job, index) => (index === 2 ? { jobQrn: job.jobQrn } : job));
    const lists = jobService({ 'alice-key': broken as RawJob[] });
    const service = overriding(serve(jobs), (request) =>
      request.path.startsWith('/jobs?') ? (lists(request) as UpstreamBehaviour) : undefined,
    );
    const { readAtOnce } = await openGateway(service);
    expect(await readAtOnce(qrnsOf(jobs))).toEqual({ found: 5, lists: [firstPage], singles: 1, codes: [] });
  });
});

test('jobs that do not exist or belong to somebody else fail by themselves', async () => {
  const jobs = someJobs(5);
  const service = jobService({ 'alice-key': jobs, 'bob-key': [aJob('bob:1')] });
  const { readAtOnce, upstream } = await openGateway(service);
  expect(await readAtOnce([...qrnsOf(jobs), 'bob:1', 'none:1'])).toEqual({
    found: 5,
    lists: [firstPage],
    singles: 2,
    codes: ['FORBIDDEN'],
  });
  expect(await readAtOnce(['bob:1', 'none:1'])).toMatchObject({ singles: 0, codes: ['FORBIDDEN'] });
  expect(upstream.requests).toHaveLength(3);
});

describe('what an operation may cost', () => {
  const allowing = (requests: number) => ({ MAX_UPSTREAM_REQUESTS_PER_OPERATION: String(requests) });

  test('is named to those who want more, while the rest is answered', async () => {
    const { query, readAtOnce } = await openGateway(
      jobService({ 'alice-key': someJobs(9) }, () => false),
      allowing(4),
    );
    expect(await readAtOnce(qrnsOf(someJobs(9)))).toEqual({
      found: 3,
      lists: [firstPage],
      singles: 3,
      codes: ['OPERATION_TOO_EXPENSIVE'],
    });
    const { errors } = await query(
      '{ a: jobs(filter: { search: "a" }) { totalCount } b: jobs(filter: { search: "b" }) { totalCount } ' +
        'c: jobs(filter: { search: "c" }) { totalCount } d: jobs(filter: { search: "d" }) { totalCount } ' +
        'e: jobs(filter: { search: "e" }) { totalCount } rateLimit { used } }',
    );
    expect(errors).toEqual([
      {
        message:
          'The operation would need more than the 4 upstream requests that it may cause for each key: ' +
          'ask for fewer jobs at once.',
        locations: expect.any(Array),
        path: ['e'],
        extensions: { code: 'OPERATION_TOO_EXPENSIVE', maxUpstreamRequests: 4 },
      },
    ]);
  });

  test('is 60 requests by default', async () => {
    const { readAtOnce } = await openGateway(serve([]));
    const { lists, singles, codes } = await readAtOnce(noJobs(500));
    expect([lists.length + singles, codes]).toEqual([60, ['OPERATION_TOO_EXPENSIVE']]);
  });

  test('keeps what was found before it was used up', async () => {
    const jobs = someJobs(400);
    const { readAtOnce } = await openGateway(serve(jobs), allowing(2));
    expect(await readAtOnce(qrnsOf(jobs))).toMatchObject({
      found: 200,
      singles: 0,
      codes: ['OPERATION_TOO_EXPENSIVE'],
    });
  });

  test('is counted for each key', async () => {
    const service = jobService({ 'alice-key': [], 'bob-key': [] });
    const { query, upstream } = await createTestGateway(service, allowing(2));
    const document = '{ a: job(qrn: "a:1") { qrn } b: job(qrn: "b:1") { qrn } }';
    await query(document, { keys: 'alice=alice-key, bob=bob-key' });
    const keys = upstream.requests.map(({ key }) => key).sort();
    expect(keys).toEqual(['alice-key', 'alice-key', 'bob-key', 'bob-key']);
  });

  test('is not used up by what others are reading already', async () => {
    const service = overriding(serve(someJobs(3)), ({ path }) =>
      path.startsWith('/jobs?') ? { status: 500 } : undefined,
    );
    const { query, upstream } = await openGateway(service, allowing(2));
    const pair = (...names: number[]) =>
      query(`{ ${names.map((name) => `j${name}: job(qrn: "qbraid:job:${name}") { qrn }`).join(' ')} }`);
    const answers = await Promise.all([pair(0, 1), pair(1, 2), pair(0, 2)]);
    expect(answers.flatMap(({ errors = [] }) => errors)).toEqual([]);
    expect(upstream.requests).toHaveLength(3);
  });

  test('of one operation never fails another', async () => {
    const { query } = await openGateway(serve(someJobs(2)), allowing(1));
    const [dear, cheap] = await Promise.all([
      query(
        '{ a: jobs { totalCount } b: job(qrn: "qbraid:job:0") { qrn } c: jobs(filter: { search: "c" }) { totalCount } }',
      ),
      query('{ job(qrn: "qbraid:job:0") { qrn } }'),
    ]);
    expect(codesOf(dear.errors ?? [])).toEqual(['OPERATION_TOO_EXPENSIVE']);
    expect(cheap).toEqual({ data: { job: { qrn: 'qbraid:job:0' } } });
  });
});

test('jobs of a batch are read one by one only so many at a time, and no more once the client is gone', async () => {
  const service = overriding(serve([]), ({ path }) => (path.startsWith('/jobs?') ? { status: 500 } : 'hang'));
  const gateway: TestGateway = await createTestGateway(service);
  const leaver = new AbortController();
  const ids = noJobs(50).map(toGlobalId);
  const left = gateway.query('query ($ids: [ID!]!) { nodes(ids: $ids) { id } }', {
    variables: { ids },
    signal: leaver.signal,
  });
  const gone = left.catch(() => 'gone');
  await gateway.upstream.received(17);
  leaver.abort();
  expect(await gone).toBe('gone');
  await gateway.upstream.abandoned(16);
  expect(gateway.upstream.requests).toHaveLength(17);
});

import { describe, expect, test } from 'vitest';
import { createTestGateway, type QueryOptions } from '../support/create-test-gateway.ts';
import { openStream } from '../support/event-stream.ts';
import { holdAnswers, holdRequests } from '../support/held-answers.ts';
import { someJobs } from '../support/job-builder.ts';
import { jobService, overriding, refusal } from '../support/job-service.ts';
import { arrived } from '../support/pass-time.ts';
import type { UpstreamBehaviour, UpstreamRequest } from '../support/scripted-upstream.ts';
import { createTickingClock } from '../support/ticking-clock.ts';

const noCache: QueryOptions = { headers: { 'cache-control': 'no-cache' } };

const firstPage = '{ jobs(first: 10) { nodes { qrn } pageInfo { endCursor } } }';
const nextPage = (cursor: string) =>
  `{ jobs(first: 10, after: "${cursor}") { nodes { qrn } pageInfo { endCursor } } }`;
const manyCursors = '{ jobs(first: 50) { edges { cursor } } }';
const count = '{ jobs { totalCount } }';
const totalOf = (first: number) => `{ jobs(first: ${first}) { totalCount nodes { qrn } } }`;

const namesOf = (jobs: readonly { readonly jobQrn: string }[]) => jobs.map(({ jobQrn }) => jobQrn);

/** A gateway over 60 jobs; `submit` adds new ones in front, `holding` says what is answered late. */
async function openGateway(holding: (path: string) => boolean = () => false) {
  const jobs = someJobs(60);
  let answer: UpstreamBehaviour | undefined;
  const held = holdAnswers(jobService({ 'alice-key': jobs }), (path) => holding(path));
  const script = overriding(held.script, ({ path }: UpstreamRequest) =>
    path.startsWith('/jobs/') ? answer : undefined,
  );
  const gateway = await createTestGateway(script);
  const readPage = async (document: string, options?: QueryOptions) => {
    const { data, errors } = await gateway.query(document, options);
    const { nodes = [], pageInfo } = data.jobs ?? {};
    return {
      names: nodes.map(({ qrn }: { qrn: string }) => qrn),
      cursor: pageInfo?.endCursor,
      code: errors?.[0]?.extensions.code,
    };
  };
  const submit = (number: number) => jobs.unshift(...someJobs(number, 'new'));
  const holdKey = async () => {
    answer = refusal(429, 'Too many requests', { 'retry-after': '9' });
    await gateway.query('{ job(qrn: "a:1") { qrn } }');
  };
  return { ...gateway, jobs, readPage, submit, holdKey, release: held.release };
}

describe('a page behind a cursor', () => {
  test('is never one that was read before the cursor was given', async () => {
    const { readPage, submit, jobs } = await openGateway();
    const { cursor } = await readPage(firstPage);
    await readPage(nextPage(cursor));
    submit(5);
    const renewed = await readPage(firstPage, noCache);
    const next = await readPage(nextPage(renewed.cursor));
    expect([...renewed.names, ...next.names]).toEqual(namesOf(jobs).slice(0, 20));
  });

  test('is never one that was asked for before the cursor was given', async () => {
    let isHolding = false;
    const { query, readPage, submit, jobs, upstream, release } = await openGateway(
      (path) => isHolding && !path.endsWith('limit=50'),
    );
    const before = await query(manyCursors);
    isHolding = true;
    const slow = query(nextPage(before.data.jobs.edges[44].cursor));
    await upstream.received(2);
    submit(5);
    // A page that the one under way does not hold: it is read now. Its 45th job has a cursor of now.
    const { data } = await query(manyCursors, noCache);
    const next = readPage(nextPage(data.jobs.edges[44].cursor));
    await upstream.received(4);
    release();
    await slow;
    expect((await next).names).toEqual(namesOf(jobs).slice(45, 55));
  });

  test('is the part of the same reading that gave the cursor, where that holds it', async () => {
    const { query, readPage, jobs, upstream } = await openGateway();
    const { data } = await query(manyCursors);
    const { names } = await readPage(nextPage(data.jobs.edges[9].cursor));
    expect([names, upstream.requests.length]).toEqual([namesOf(jobs).slice(10, 20), 1]);
  });

  test('is not shown at all where the key is held and only an older one is cached', async () => {
    const { readPage, submit, holdKey } = await openGateway();
    const { cursor } = await readPage(firstPage);
    await readPage(nextPage(cursor));
    submit(5);
    const renewed = await readPage(firstPage, noCache);
    await holdKey();
    expect([await readPage(nextPage(renewed.cursor)), (await readPage(nextPage(cursor))).code]).toEqual([
      { names: [], cursor: undefined, code: 'RATE_LIMITED' },
      undefined,
    ]);
  });
});

describe('a list that was seen', () => {
  test('is not seen as it was before, where an older answer comes late', async () => {
    let isHolding = false;
    const { query, clock, submit, upstream, release } = await openGateway(
      (path) => isHolding && path.endsWith('limit=1'),
    );
    const totals = [(await query(count)).data.jobs.totalCount];
    clock.advance(2000);
    isHolding = true;
    const slow = query(count);
    await upstream.received(2);
    submit(3);
    totals.push((await query('{ jobs(first: 10) { totalCount nodes { qrn } } }')).data.jobs.totalCount);
    release();
    totals.push((await slow).data.jobs.totalCount, (await query(count)).data.jobs.totalCount);
    expect(totals).toEqual([60, 63, 63, 63]);
  });

  test('is not seen as it was before on a wider page, where a narrower one has shown another job', async () => {
    const { query, submit, upstream } = await openGateway();
    const totals = [(await query(totalOf(50))).data.jobs.totalCount];
    submit(1);
    for (const first of [2, 50, 2, 50])
      totals.push((await query(totalOf(first), first === 2 ? noCache : {})).data.jobs.totalCount);
    expect([totals, upstream.requests.length]).toEqual([[60, 61, 61, 61, 61], 4]);
  });

  test('shows all its jobs as they were at one time, also where the clock ticks meanwhile', async () => {
    const script = jobService({ 'alice-key': someJobs(30) });
    const { query } = await createTestGateway(script, {}, createTickingClock(1));
    const { data } = await query('{ jobs(first: 30) { nodes { fetchedAt } } }');
    expect(new Set(data.jobs.nodes.map(({ fetchedAt }: { fetchedAt: string }) => fetchedAt)).size).toBe(1);
  });
});

describe('two pages of a list that were under way at once', () => {
  /** A narrow page that is asked for first, and a wide one: a test says when upstream looks for each, and when it answers. */
  async function openTwo(holdWide: typeof holdAnswers) {
    const jobs = someJobs(60);
    const firstWith = (limit: number) => firstOf((path) => path.endsWith(`limit=${limit}`));
    const wide = holdWide(jobService({ 'alice-key': jobs }), firstWith(50));
    const narrow = holdRequests(wide.script, firstWith(2));
    const { query, upstream } = await createTestGateway(narrow.script);
    const read = async (first: number) => {
      const { data } = await query(`{ jobs(first: ${first}) { totalCount nodes { qrn } } }`);
      return data.jobs.totalCount;
    };
    const asked = [read(2), read(50)];
    await upstream.received(2);
    return { wide, narrow, asked, read, upstream, submit: () => jobs.unshift(...someJobs(1, 'new')) };
  }

  test('show each to whom it was asked for by, and the later one to whom comes then', async () => {
    const { wide, narrow, asked, read, submit } = await openTwo(holdRequests);
    narrow.release();
    const totals = [await asked[0]];
    submit();
    wide.release();
    totals.push(await asked[1], await read(2), await read(50));
    expect(totals).toEqual([60, 61, 61, 61]);
  });

  test('do not show the older one to one who joins it when the later one was shown', async () => {
    const { wide, narrow, asked, read, submit, upstream } = await openTwo(holdAnswers);
    submit();
    narrow.release();
    const shown = await asked[0];
    const joined = read(50);
    await arrived();
    const { length } = upstream.requests;
    wide.release();
    expect([shown, await joined, await asked[1]]).toEqual([61, 61, 60]);
    expect([length, upstream.requests.length]).toEqual([2, 3]);
  });
});

test('a stream of a list that changes whenever it is read shows it as stale, and does not ask on and on', async () => {
  const jobs = someJobs(60);
  const service = jobService({ 'alice-key': jobs });
  let release = () => {};
  let shown: Promise<unknown> = Promise.resolve();
  let asked = 0;
  const { upstream, query, ...gateway } = await createTestGateway(async (request) => {
    if (request.path.endsWith('limit=2')) {
      await new Promise<void>((resolve) => {
        release = resolve;
      });
      return service(request);
    }
    asked += 1;
    const answer = service(request);
    jobs.unshift(...someJobs(1, `new${asked}:`));
    release();
    await shown;
    await showOther();
    return answer;
  });
  /** Lets somebody else ask for a narrow page, which is answered while the next wide one is on its way. */
  const showOther = async () => {
    const { length } = upstream.requests;
    shown = query(totalOf(2), noCache);
    await upstream.received(length + 1);
  };
  await showOther();
  const stream = await openStream(gateway, 'subscription { jobsChanged(first: 50) { totalCount } }');
  expect(await stream.next()).toEqual({
    data: { jobsChanged: { totalCount: 61 } },
    extensions: { stale: true },
  });
  expect(asked).toBe(2);
  stream.cut();
  release();
});

test('a stream of a list of which a key is held asks with the other one once for each poll, though nothing is fresh for a while', async () => {
  const jobs = someJobs(3);
  let answer: UpstreamBehaviour | undefined;
  const script = overriding(jobService({ 'alice-key': jobs, 'bob-key': someJobs(3, 'b') }), ({ key }) =>
    key === 'bob-key' ? answer : undefined,
  );
  const { upstream, clock, ...gateway } = await createTestGateway(script, { FRESH_ACTIVE_MS: '0' });
  const stream = await openStream(gateway, 'subscription { jobsChanged(first: 50) { totalCount } }', {
    keys: 'alice=alice-key, bob=bob-key',
  });
  const totals = [(await stream.next())?.data.jobsChanged.totalCount];
  answer = refusal(429, 'Too many requests', { 'retry-after': '60' });
  for (const name of ['first', 'second']) {
    jobs.unshift(...someJobs(1, name));
    clock.advance(2000);
    totals.push((await stream.next())?.data.jobsChanged.totalCount);
  }
  stream.cut();
  expect(totals).toEqual([6, 7, 8]);
  expect(upstream.requests.map(({ key }) => key).slice(4)).toEqual(['alice-key']);
});

/** Holds for the first path alone that this holds for. */
function firstOf(holds: (path: string) => boolean) {
  let isOver = false;
  return (path: string) => {
    const isFirst = !isOver && holds(path);
    isOver ||= isFirst;
    return isFirst;
  };
}

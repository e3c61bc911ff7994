import { describe, expect, test } from 'vitest';
import { createTestGateway, type QueryOptions } from '../support/create-test-gateway.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { holdAnswers } from '../support/held-answers.ts';
import { aJob, type RawJob, someJobs } from '../support/job-builder.ts';
import { type JobLists, jobService, overriding, refusal } from '../support/job-service.ts';
import { arrived } from '../support/pass-time.ts';

const readJob = '{ job(qrn: "a:1") { qrn status } }';
const readOther = '{ job(qrn: "a:1") { status } }';
const readTimes = '{ job(qrn: "a:1") { status fetchedAt } }';
const readList = '{ jobs(first: 10) { nodes { qrn status } } }';
const noCache: QueryOptions = { headers: { 'cache-control': 'no-cache' } };

/** A gateway whose plans for these documents are made, and which has cached nothing of the jobs that tests ask for. */
async function openGateway(
  jobs: RawJob[] = [aJob('a:1'), aJob('a:2')],
  environment: Record<string, string> = {},
  others: JobLists = {},
) {
  const lists: Record<string, RawJob[]> = { 'alice-key': jobs, ...others };
  let isRefused = false;
  const script = overriding(jobService(lists), ({ key }) =>
    isRefused && key === 'alice-key' ? refusal(401, 'No.') : undefined,
  );
  const gateway = await createTestGateway(script, environment);
  const { query, clock, ways, upstream } = gateway;
  for (const document of [readJob, readOther, readTimes, readList, '{ jobs { fetchedAt } }'])
    await query(document, { key: 'nobody' });
  // What was read so far, and what was refused, is forgotten.
  clock.advance(600_000);
  const before = { ways: ways.length, requests: upstream.requests.length };
  return {
    ...gateway,
    change: (fields: object) => void jobs.splice(0, 1, aJob('a:1', { ...fields })),
    refuse() {
      isRefused = true;
    },
    waysTaken: () => ways.slice(before.ways),
    asked: () => upstream.requests.length - before.requests,
  };
}

describe('an answer is given again as it is', () => {
  test('while all in it is fresh: nothing is asked or executed', async () => {
    const { query, waysTaken, asked } = await openGateway();
    const answers = [await query(readJob), await query(readJob), await query(readJob)];
    expect(answers).toEqual(Array(3).fill({ data: { job: { qrn: 'a:1', status: 'RUNNING' } } }));
    expect([waysTaken(), asked()]).toEqual([['planned', 'kept', 'kept'], 1]);
  });

  test('for as long as jobs that have ended are fresh', async () => {
    const { query, clock, waysTaken } = await openGateway([aJob('a:1', { status: 'COMPLETED', cost: 3 })]);
    await query(readJob);
    clock.advance(299_000);
    await query(readJob);
    clock.advance(1000);
    await query(readJob);
    expect(waysTaken()).toEqual(['planned', 'kept', 'planned']);
  });

  test('to equal requests that come at once, which are executed once', async () => {
    const { query, logs, asked } = await openGateway();
    const answers = await Promise.all([1, 2, 3, 4].map(() => query(readList)));
    const lines = logs.filter(({ msg }) => msg === 'operation').slice(-4);
    expect(answers.every(({ data }) => data.jobs.nodes.length === 2)).toBe(true);
    // One that was executed beside another would have joined its request.
    expect([lines.map(({ hits, joined }) => [hits, joined]), asked()]).toEqual([
      [
        [0, 0],
        [1, 0],
        [1, 0],
        [1, 0],
      ],
      1,
    ]);
  });

  test('whatever the wall clock does', async () => {
    const clock = createFakeClock();
    const { query, ways } = await createTestGateway(jobService({ 'alice-key': [aJob('a:1')] }), {}, clock);
    for (let time = 0; time < 2; time += 1) await query(readJob);
    clock.stepWallClock(-3_600_000);
    await query(readJob);
    expect(ways).toEqual(['planned', 'kept', 'kept']);
  });
});

describe('an answer is made anew', () => {
  const again = async (
    document: string,
    act: (gateway: Awaited<ReturnType<typeof openGateway>>) => unknown,
    options: QueryOptions = {},
  ) => {
    const gateway = await openGateway();
    await gateway.query(document);
    await act(gateway);
    const before = gateway.waysTaken().length;
    const answer = await gateway.query(document, options);
    return { way: gateway.waysTaken()[before], answer };
  };

  test.each<[string, string, Parameters<typeof again>[1], QueryOptions?]>([
    ['once it is no longer fresh', readJob, ({ clock }) => clock.advance(2000)],
    ['for a client that wants what is read now', readJob, () => {}, noCache],
    ['for another key', readJob, () => {}, { key: 'bob-key' }],
    ['for the same key under another label', readJob, () => {}, { keys: 'mine=alice-key' }],
    [
      'for a client that accepts another type',
      readJob,
      () => {},
      { headers: { accept: 'application/graphql-response+json' } },
    ],
    [
      'if it tells when it was read, and anything was read since',
      readTimes,
      ({ query }) => query(readJob, noCache),
    ],
    [
      'if it tells when a list was read, and anything was read since',
      '{ jobs { fetchedAt } }',
      ({ query }) => query(readJob, noCache),
    ],
    [
      'if it tells what is left of a budget',
      '{ rateLimit { used } job(qrn: "a:1") { qrn } }',
      ({ query }) => query('{ rateLimit { used } job(qrn: "a:1") { qrn } }'),
    ],
  ])('%s', async (_, document, act, options) => {
    expect((await again(document, act, options)).way).not.toBe('kept');
  });

  test.each<[string, string, string]>([
    ['reading of the job by itself', readJob, readOther],
    ['reading of a list with the job', readJob, readList],
    ['reading of a job of the list', readList, readJob],
  ])('once another %s tells something else', async (_, document, other) => {
    const { answer } = await again(document, async ({ change, query }) => {
      change({ status: 'COMPLETED' });
      await query(other, noCache);
    });
    expect(JSON.stringify(answer.data)).toContain('COMPLETED');
  });

  test('not if a later reading tells the same', async () => {
    expect((await again(readJob, ({ query }) => query(readOther, noCache))).way).toBe('kept');
  });

  test('once its key is refused: nothing of it is shown', async () => {
    const { answer } = await again(readJob, async ({ refuse, query }) => {
      refuse();
      await query(readOther, noCache);
    });
    expect(answer).toMatchObject({
      data: { job: null },
      errors: [{ extensions: { code: 'UNAUTHENTICATED' } }],
    });
  });

  test('once one of its several keys is refused', async () => {
    const gateway = await openGateway([aJob('a:1')], {}, { 'bob-key': [aJob('b:1')] });
    const team: QueryOptions = { keys: 'alice=alice-key, bob=bob-key' };
    for (let time = 0; time < 3; time += 1) await gateway.query(readList, team);
    gateway.refuse();
    await gateway.query(readJob, noCache);
    const { data, errors } = await gateway.query(readList, team);
    expect([data.jobs.nodes, errors?.[0]?.extensions]).toMatchObject([
      [{ qrn: 'b:1' }],
      { code: 'UNAUTHENTICATED', key: 'alice' },
    ]);
    expect(gateway.waysTaken().slice(0, 3)).toEqual(['planned', 'planned', 'kept']);
  });

  test('while upstream fails, and it is stale', async () => {
    const held = jobService({ 'alice-key': [aJob('a:1')] });
    let isDown = false;
    const { query, clock, ways } = await createTestGateway(
      overriding(held, () => (isDown ? refusal(503, 'Down.') : undefined)),
    );
    for (let time = 0; time < 2; time += 1) await query(readJob);
    isDown = true;
    clock.advance(3000);
    const answers = [await query(readJob), await query(readJob)];
    expect(answers.map(({ extensions }) => extensions)).toEqual([{ stale: true }, { stale: true }]);
    expect(ways.slice(-2)).not.toContain('kept');
  });

  test('if something is missing in it', async () => {
    const { query, waysTaken } = await openGateway([aJob('a:2')]);
    for (let time = 0; time < 3; time += 1) await query(readJob);
    expect(waysTaken()).toEqual(['planned', 'planned', 'planned']);
  });

  test('where no answers are to be kept', async () => {
    const { query, waysTaken, asked } = await openGateway(undefined, { ANSWER_CACHE_BYTES: '0' });
    for (let time = 0; time < 3; time += 1) await query(readJob);
    expect([waysTaken(), asked()]).toEqual([['planned', 'planned', 'planned'], 1]);
  });

  test('where others took its place in memory', async () => {
    const jobs = someJobs(60);
    const { query, waysTaken } = await openGateway(jobs, { ANSWER_CACHE_BYTES: '20000' });
    const page = '{ jobs(first: 50) { nodes { qrn name status tags deviceQrn } } }';
    await query(page, { key: 'nobody' });
    for (const document of [readList, page, readList]) await query(document);
    expect(waysTaken().slice(-3)).toEqual(['planned', 'planned', 'planned']);
  });
});

describe('an answer that is not fresh for a while', () => {
  const asTeam: QueryOptions = { keys: 'alice=alice-key, bob=bob-key' };
  const notFresh = { FRESH_ACTIVE_MS: '0', FRESH_TERMINAL_MS: '0', FRESH_HOLD_MS: '0' };

  /** The same, over an upstream whose answers are held from now on. */
  async function openHeld(jobs: RawJob[] = someJobs(3)) {
    let isHolding = false;
    const held = holdAnswers(jobService({ 'alice-key': jobs, 'bob-key': jobs }), () => isHolding);
    const gateway = await createTestGateway(held.script, notFresh);
    for (let time = 0; time < 2; time += 1) await gateway.query(readList, asTeam);
    const before = { ways: gateway.ways.length, requests: gateway.upstream.requests.length };
    isHolding = true;
    return {
      ...gateway,
      release: held.release,
      /** Waits until so many requests went upstream. */
      asking: (count: number) => gateway.upstream.received(before.requests + count),
      waysTaken: () => gateway.ways.slice(before.ways),
      asked: () => gateway.upstream.requests.length - before.requests,
    };
  }

  test('serves equal requests that came before anything in it was read', async () => {
    const { query, release, asking, waysTaken, asked } = await openHeld();
    const answers = [1, 2, 3].map(() => query(readList));
    await asking(1);
    answers.push(query(readList));
    await arrived();
    release();
    const [first, ...others] = await Promise.all(answers);
    expect(others).toEqual([first, first, first]);
    expect([waysTaken(), asked()]).toEqual([['planned', 'shared', 'shared', 'shared'], 1]);
  });

  test('serves equal requests of several keys in the same way', async () => {
    const { query, release, asking, waysTaken, asked } = await openHeld();
    const answers = [1, 2, 3].map(() => query(readList, asTeam));
    await asking(2);
    answers.push(query(readList, asTeam));
    await arrived();
    release();
    const [first, ...others] = await Promise.all(answers);
    expect(others).toEqual([first, first, first]);
    expect([waysTaken(), asked()]).toEqual([['planned', 'shared', 'shared', 'shared'], 2]);
  });

  test('serves all that came at once, however many turns they wait', async () => {
    const { query, release, asked } = await openHeld();
    release();
    const answers = await Promise.all(Array.from({ length: 200 }, () => query(readList)));
    expect(answers).toEqual(Array(200).fill(answers[0]));
    expect(asked()).toBe(1);
  });

  test('serves nobody who came later', async () => {
    const { query, release, waysTaken, asked } = await openHeld();
    release();
    await query(readList);
    await query(readList);
    expect([waysTaken(), asked()]).toEqual([['planned', 'planned'], 2]);
  });

  test('serves nobody who came after a part of it was read', async () => {
    const jobs = [aJob('a:1', { batchJobQrn: 'a:2' }), aJob('a:2')];
    const held = holdAnswers(jobService({ 'alice-key': jobs }), (path) => isHolding && path === '/jobs/a:2');
    let isHolding = false;
    const { query, upstream, ways } = await createTestGateway(held.script, notFresh);
    const parents = '{ job(qrn: "a:1") { status batchJob { status } } }';
    for (let time = 0; time < 2; time += 1) await query(parents);
    const before = { ways: ways.length, requests: upstream.requests.length };
    isHolding = true;
    const first = query(parents);
    await upstream.received(before.requests + 2);
    jobs[0] = aJob('a:1', { batchJobQrn: 'a:2', status: 'COMPLETED' });
    const second = query(parents);
    await upstream.received(before.requests + 3);
    held.release();
    await first;
    expect((await second).data.job.status).toBe('COMPLETED');
    expect(ways.slice(before.ways)).toEqual(['planned', 'planned']);
  });

  test('counts as joined for those whom it serves', async () => {
    const { query, release, asking, logs } = await openHeld();
    const answers = [query(readList), query(readList)];
    await asking(1);
    release();
    await Promise.all(answers);
    const lines = logs.filter(({ msg }) => msg === 'operation').slice(-2);
    expect(lines.map(({ upstreamRequests, joined }) => [upstreamRequests, joined])).toEqual([
      [1, 0],
      [0, 1],
    ]);
  });
});

describe('a client that leaves', () => {
  test('takes nothing from those who wait for the same answer', async () => {
    let isHolding = false;
    const held = holdAnswers(jobService({ 'alice-key': [aJob('a:1')] }), () => isHolding);
    const { query, upstream } = await createTestGateway(held.script);
    await query(readJob, { key: 'alice-key' });
    isHolding = true;
    const leaver = new AbortController();
    const gone = query(readJob, { ...noCache, signal: leaver.signal }).catch(() => 'gone');
    const stays = query(readJob, noCache);
    await upstream.received(2);
    await arrived();
    leaver.abort();
    expect(await gone).toBe('gone');
    held.release();
    expect((await stays).data).toEqual({ job: { qrn: 'a:1', status: 'RUNNING' } });
  });
});

describe('what an operation costs', () => {
  test('is noted in the same way, whether its answer was kept or not', async () => {
    const { query, logs } = await openGateway();
    for (let time = 0; time < 3; time += 1) await query(readList);
    const lines = logs.filter(({ msg, clientName }) => msg === 'operation' && clientName === null).slice(-3);
    expect(
      lines.map(({ upstreamRequests, hits, keys }) => [upstreamRequests, hits, (keys as string[]).length]),
    ).toEqual([
      [1, 0, 1],
      [0, 1, 1],
      [0, 1, 1],
    ]);
  });
});

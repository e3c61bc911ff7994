import { describe, expect, test } from 'vitest';
import { createTestGateway, type QueryOptions, type TestGateway } from '../support/create-test-gateway.ts';
import { holdAnswers } from '../support/held-answers.ts';
import { aJob, type RawJob, someJobs } from '../support/job-builder.ts';
import { jobService, overriding } from '../support/job-service.ts';
import { arrived } from '../support/pass-time.ts';

const readJob = '{ job(qrn: "a:1") { status fetchedAt } }';
const readList = '{ jobs(first: 10) { nodes { qrn status } } }';
const countList = '{ jobs { totalCount } }';
const noCache: QueryOptions = { headers: { 'cache-control': 'no-cache' } };

const running = aJob('a:1');
const completed = aJob('a:1', { status: 'COMPLETED', cost: 3 });

/** What the gateway asked for, in order. */
const pathsOf = ({ upstream }: TestGateway) => upstream.requests.map(({ path }) => path);

/** A gateway over the jobs of one user, which a test may change. */
async function openGateway(jobs: RawJob[], environment: Record<string, string> = {}) {
  const gateway = await createTestGateway(jobService({ 'alice-key': jobs }), environment);
  return { ...gateway, asked: () => pathsOf(gateway).length };
}

describe('requests under way', () => {
  test('are shared by two clients who want the same at once', async () => {
    const gateway = await openGateway([running]);
    const documents = [readJob, readJob, '{ job(qrn: "a:1") { qrn } }'];
    const answers = await Promise.all(documents.map((document) => gateway.query(document)));
    expect(answers.map(({ data }) => data.job.status ?? data.job.qrn)).toEqual(['RUNNING', 'RUNNING', 'a:1']);
    expect(pathsOf(gateway)).toEqual(['/jobs/a:1']);
  });

  test('are joined by who comes while they are', async () => {
    const held = holdAnswers(jobService({ 'alice-key': [running] }));
    const { query, upstream } = await createTestGateway(held.script);
    const first = query(readJob);
    await upstream.received(1);
    const second = query('{ nodes(ids: ["Sm9iOmE6MQ"]) { ... on Job { status } } }');
    const third = query(readJob, noCache);
    await arrived();
    held.release();
    expect(await Promise.all([first, second, third])).toMatchObject([
      { data: { job: { status: 'RUNNING' } } },
      { data: { nodes: [{ status: 'RUNNING' }] } },
      { data: { job: { status: 'RUNNING' } } },
    ]);
    expect(upstream.requests).toHaveLength(1);
  });

  test('for a list are shared too, and serve a narrower page, a count and the same filter in other words', async () => {
    const held = holdAnswers(jobService({ 'alice-key': someJobs(80) }));
    const { query, upstream } = await createTestGateway(held.script);
    const wide = query('{ jobs(first: 50, filter: { provider: "ionq", search: "bell" }) { nodes { qrn } } }');
    await upstream.received(1);
    const narrow = query(`{
      count: jobs(filter: { search: "bell", provider: "ionq" }) { totalCount }
      few: jobs(first: 3, filter: { search: "bell", provider: "ionq" }) { nodes { qrn } }
    }`);
    await arrived();
    held.release();
    expect(await Promise.all([wide, narrow])).toMatchObject([
      { data: { jobs: { nodes: { length: 50 } } } },
      { data: { count: { totalCount: 80 }, few: { nodes: { length: 3 } } } },
    ]);
    expect(upstream.requests).toHaveLength(1);
  });

  test('for lists with other filters are others', async () => {
    const { query, upstream } = await openGateway([running]);
    const lists = [
      '{}',
      '{ status: RUNNING }',
      '{ search: "status" }',
      '{ tags: { a: 1 } }',
      '{ tags: { a: "1" } }',
    ];
    await query(
      `{ ${lists.map((filter, index) => `l${index}: jobs(filter: ${filter}) { totalCount }`).join(' ')} }`,
    );
    expect(upstream.requests).toHaveLength(lists.length);
  });

  /** Reads the job beside a list of its own, so that a test can tell when it has come so far. */
  const readJobAnd = (search: string) =>
    `{ job(qrn: "a:1") { status } jobs(filter: { search: "${search}" }) { totalCount } }`;

  test('go on for the others when the one who began them goes away', async () => {
    const held = holdAnswers(jobService({ 'alice-key': [running] }));
    const { query, upstream } = await createTestGateway(held.script);
    const leaver = new AbortController();
    const left = query(readJob, { signal: leaver.signal }).catch(() => 'gone');
    await upstream.received(1);
    const stayed = query(readJobAnd('x'));
    await upstream.received(2);
    leaver.abort();
    expect(await left).toBe('gone');
    held.release();
    expect(await stayed).toMatchObject({ data: { job: { status: 'RUNNING' } } });
    expect(upstream.requests).toMatchObject([
      { path: '/jobs/a:1' },
      { path: '/jobs?search=x&page=1&limit=1' },
    ]);
  });

  test('are given up when the last of those who wait goes away', async () => {
    const { query, upstream } = await createTestGateway(() => 'hang');
    const clients = [new AbortController(), new AbortController(), new AbortController()];
    const answers: Promise<unknown>[] = [];
    for (const [index, { signal }] of clients.entries()) {
      answers.push(query(readJobAnd(`${index}`), { signal }).catch(() => 'gone'));
      await upstream.received(index + 2);
    }
    for (const client of clients) client.abort();
    expect(await Promise.all(answers)).toEqual(['gone', 'gone', 'gone']);
    // Three lists of their own, and the one job.
    await upstream.abandoned(4);
    expect(upstream.requests).toHaveLength(4);
  });

  test('that were given up are not joined any more', async () => {
    let isSlow = true;
    const service = jobService({ 'alice-key': [running] });
    const gateway = await createTestGateway((request) => (isSlow ? 'hang' : service(request)));
    const { query, upstream } = gateway;
    const leaver = new AbortController();
    const left = query(readList, { signal: leaver.signal }).catch(String);
    await upstream.received(1);
    isSlow = false;
    leaver.abort();
    expect(await query(readList)).toMatchObject({ data: { jobs: { nodes: [{ qrn: 'a:1' }] } } });
    await Promise.all([left, upstream.abandoned(1)]);
    expect(upstream.requests).toHaveLength(2);
  });

  test('that fail fail for all who wait', async () => {
    const held = holdAnswers(() => ({ status: 503 }));
    const { query, upstream } = await createTestGateway(held.script);
    const answers = [query(readJob), query(readJob)];
    await upstream.received(1);
    held.release();
    for (const { errors } of await Promise.all(answers))
      expect(errors?.[0]?.extensions.code).toBe('UPSTREAM_UNAVAILABLE');
    expect(upstream.requests).toHaveLength(1);
  });
});

describe('what was read is fresh', () => {
  test.each([
    ['a job under way', aJob('a:1'), readJob, 2000],
    ['a job of unknown status', aJob('a:1', { status: 'PAUSED' }), readJob, 2000],
    ['a job that has ended', completed, readJob, 300_000],
    ['a job that failed', aJob('a:1', { status: 'FAILED', cost: 0 }), readJob, 300_000],
    [
      'a job that has ended, whose cost is not known yet',
      aJob('a:1', { status: 'COMPLETED' }),
      readJob,
      2000,
    ],
    ['a job on hold', aJob('a:1', { status: 'HOLD' }), readJob, 60_000],
    ['a list', completed, readList, 2000],
    ['a count', completed, countList, 2000],
  ])('%s, for its time', async (_, job, document, freshMs) => {
    const { query, clock, asked } = await openGateway([job]);
    const first = await query(document);
    clock.advance(freshMs - 1);
    expect([await query(document), asked()]).toEqual([first, 1]);
    clock.advance(1);
    await query(document);
    expect(asked()).toBe(2);
  });

  test.each([
    ['FRESH_ACTIVE_MS', 5000, running, readJob],
    ['FRESH_ACTIVE_MS', 5000, completed, countList],
    ['FRESH_TERMINAL_MS', 7000, completed, readJob],
    ['FRESH_HOLD_MS', 9000, aJob('a:1', { status: 'HOLD' }), readJob],
    ['FRESH_HOLD_MS', 7_200_000, aJob('a:1', { status: 'HOLD' }), readJob],
  ])('for as long as %s=%i says', async (name, freshMs, job, document) => {
    const { query, clock, asked } = await openGateway([job], { [name]: String(freshMs) });
    await query(document);
    clock.advance(freshMs - 1);
    await query(document);
    expect(asked()).toBe(1);
    clock.advance(1);
    await query(document);
    expect(asked()).toBe(2);
  });

  test.each([
    ['FRESH_ACTIVE_MS', running, readJob],
    ['FRESH_ACTIVE_MS', running, readList],
    ['FRESH_TERMINAL_MS', completed, readJob],
    ['FRESH_HOLD_MS', aJob('a:1', { status: 'HOLD' }), readJob],
  ])('never where %s is 0', async (name, job, document) => {
    const { query, asked } = await openGateway([job], { [name]: '0' });
    for (let time = 0; time < 3; time += 1) expect(await query(document)).not.toHaveProperty('extensions');
    expect(asked()).toBe(3);
  });

  test.each([
    ['a list', readList],
    ['a count', countList],
    ['jobs', '{ a: job(qrn: "a:1") { status } b: job(qrn: "a:2") { status } c: job(qrn: "a:3") { status } }'],
  ])('and never stale where it was just read and nothing is fresh for long: %s', async (_, document) => {
    const held = holdAnswers(jobService({ 'alice-key': ['a:1', 'a:2', 'a:3'].map((qrn) => aJob(qrn)) }));
    const { query, clock, upstream } = await createTestGateway(held.script, { FRESH_ACTIVE_MS: '0' });
    const answers = [query(document)];
    await upstream.received(1);
    answers.push(query(document));
    await arrived();
    clock.advance(10);
    held.release();
    answers.push(query(document));
    for (const answer of await Promise.all(answers)) expect(answer).not.toHaveProperty('extensions');
  });

  test('within one operation, even where nothing is fresh for long', async () => {
    const off = { FRESH_ACTIVE_MS: '0', FRESH_TERMINAL_MS: '0', FRESH_HOLD_MS: '0' };
    const batch = aJob('b:1');
    const gateway = await openGateway([aJob('a:1', { batchJobQrn: 'b:1' }), batch], off);
    await gateway.query(`{
      jobs(first: 10) { nodes { batchJob { qrn } } }
      again: jobs(first: 10) { totalCount nodes { qrn } }
      count: jobs { totalCount }
    }`);
    expect(pathsOf(gateway)).toEqual(['/jobs?page=1&limit=10']);
  });

  test('with the time it was read at', async () => {
    const { query, clock } = await openGateway([running]);
    const times: string[] = [];
    for (const pauseMs of [0, 1500, 500, 1999]) {
      clock.advance(pauseMs);
      times.push((await query(readJob)).data.job.fetchedAt);
    }
    expect(times).toEqual([
      '2026-01-15T00:00:00.000Z',
      '2026-01-15T00:00:00.000Z',
      '2026-01-15T00:00:02.000Z',
      '2026-01-15T00:00:02.000Z',
    ]);
  });
});

describe('a client that sends no-cache', () => {
  test.each([
    ['a job', readJob, noCache],
    ['a list', readList, noCache],
    ['a count', countList, noCache],
    ['a job, among other directives', readJob, { headers: { 'cache-control': 'max-age=0, No-Cache' } }],
  ])('reads %s anew', async (_, document, options) => {
    const { query, asked } = await openGateway([completed]);
    await query(document);
    await query(document, options);
    expect(asked()).toBe(2);
  });

  test('does so for the others too', async () => {
    const jobs = [running];
    const { query, asked } = await openGateway(jobs);
    await query(readJob);
    jobs[0] = completed;
    await query(readJob, noCache);
    expect(await query(readJob)).toMatchObject({ data: { job: { status: 'COMPLETED' } } });
    expect(asked()).toBe(2);
  });

  test('does not read twice what one operation needs twice', async () => {
    const gateway = await openGateway([aJob('a:1', { batchJobQrn: 'b:1' }), aJob('b:1')]);
    const document = '{ jobs(first: 10) { nodes { batchJob { qrn } } } count: jobs { totalCount } }';
    await gateway.query(document);
    await gateway.query(document, noCache);
    expect(pathsOf(gateway)).toEqual(['/jobs?page=1&limit=10', '/jobs?page=1&limit=10']);
  });

  test('reads a batch from list pages like everybody', async () => {
    const gateway = await openGateway(someJobs(20));
    const document = `{ ${someJobs(20)
      .map(({ jobQrn }, index) => `j${index}: job(qrn: "${jobQrn}") { qrn }`)
      .join(' ')} }`;
    await gateway.query(document);
    await gateway.query(document, noCache);
    expect(gateway.asked()).toBe(2);
  });
});

describe('a list page', () => {
  test('tells of each of its jobs: asking for one costs nothing', async () => {
    const gateway = await openGateway([aJob('a:1'), aJob('a:2')]);
    await gateway.query(readList);
    expect(await gateway.query('{ job(qrn: "a:2") { status fetchedAt } }')).toEqual({
      data: { job: { status: 'RUNNING', fetchedAt: '2026-01-15T00:00:00.000Z' } },
    });
    expect(gateway.asked()).toBe(1);
  });

  test('tells of jobs that have ended for as long as these serve', async () => {
    const { query, clock, asked } = await openGateway([completed]);
    await query(readList);
    clock.advance(299_999);
    await query(readJob);
    expect(asked()).toBe(1);
  });

  test('serves a narrower one, and counts', async () => {
    const { query, asked } = await openGateway(someJobs(120));
    await query('{ jobs(first: 100) { nodes { qrn } } }');
    const { data } = await query(
      '{ jobs(first: 2) { totalCount nodes { qrn } } count: jobs { totalCount } }',
    );
    expect([data, asked()]).toEqual([
      {
        jobs: { totalCount: 120, nodes: [{ qrn: 'qbraid:job:0' }, { qrn: 'qbraid:job:1' }] },
        count: { totalCount: 120 },
      },
      1,
    ]);
  });

  test('that is the whole list serves every wider one', async () => {
    const { query, asked } = await openGateway(someJobs(5));
    await query('{ jobs(first: 10) { nodes { qrn } } }');
    expect((await query('{ jobs(first: 100) { nodes { qrn } } }')).data.jobs.nodes).toHaveLength(5);
    expect(asked()).toBe(1);
  });

  test('does not serve a wider one otherwise', async () => {
    const { query, asked } = await openGateway(someJobs(120));
    await query('{ jobs(first: 10) { nodes { qrn } } }');
    expect((await query('{ jobs(first: 20) { nodes { qrn } } }')).data.jobs.nodes).toHaveLength(20);
    expect(asked()).toBe(2);
  });

  test('is asked for once where two fields of an operation want the same in the same words', async () => {
    const gateway = await openGateway(someJobs(20));
    await gateway.query(
      '{ a: jobs(first: 20) { nodes { qrn } } b: jobs(first: 10) { nodes { name } } c: jobs { totalCount } }',
    );
    expect(pathsOf(gateway)).toEqual(['/jobs?page=1&limit=20']);
  });
});

describe('a page of a list says how old it is', () => {
  const AGE = 'isStale fetchedAt';
  const START = '2026-01-15T00:00:00.000Z';
  const timeAfter = (ms: number) => new Date(Date.parse(START) + ms).toISOString();

  /** A gateway whose running jobs cannot be listed for as long as `outage.isOn`. */
  async function openFailing() {
    const outage = { isOn: false };
    const script = overriding(jobService({ 'alice-key': someJobs(150) }), ({ path }) =>
      outage.isOn && path.includes('status=RUNNING') ? { status: 503 } : undefined,
    );
    return { ...(await createTestGateway(script)), outage };
  }

  test('by when it was read, and not by when it was given', async () => {
    const { query, clock } = await openGateway([running]);
    const times: string[] = [];
    for (const pauseMs of [0, 1500, 500, 1999]) {
      clock.advance(pauseMs);
      times.push((await query('{ jobs { fetchedAt } }')).data.jobs.fetchedAt);
    }
    expect(times).toEqual([START, START, timeAfter(2000), timeAfter(2000)]);
  });

  test('by itself, whatever else is in the answer', async () => {
    const { query, clock, outage } = await openFailing();
    const old = 'old: jobs(filter: { status: RUNNING }, first: 1) { isStale fetchedAt nodes { qrn } }';
    await query(`{ ${old} }`);
    outage.isOn = true;
    clock.advance(3000);
    const { data, extensions } = await query(`{ ${old} new: jobs(first: 1) { ${AGE} } }`);
    expect(data.old).toMatchObject({ isStale: true, fetchedAt: START });
    expect(data.new).toEqual({ isStale: false, fetchedAt: timeAfter(3000) });
    expect(extensions).toEqual({ stale: true });
  });

  test('by the oldest of its parts', async () => {
    const { query, clock, upstream } = await openFailing();
    await query('{ jobs(first: 100) { nodes { qrn } } }');
    clock.advance(1000);
    const { data } = await query(
      `{ jobs(first: 150) { ${AGE} nodes { qrn } } few: jobs(first: 5) { ${AGE} } }`,
    );
    expect(data.jobs).toMatchObject({ isStale: false, fetchedAt: START, nodes: { length: 150 } });
    expect(upstream.requests.length).toBeGreaterThan(1);
  });

  test('by the keys that answered', async () => {
    const lists = { 'alice-key': [aJob('a:1')], 'bob-key': [aJob('b:1')] };
    const script = overriding(jobService(lists), ({ key }) =>
      key === 'carol-key' ? { status: 500 } : undefined,
    );
    const { query, clock } = await createTestGateway(script);
    await query(countList, { key: 'bob-key' });
    clock.advance(1000);
    const ages = [];
    for (const keys of ['alice=alice-key, bob=bob-key', 'alice=alice-key, carol=carol-key']) {
      ages.push((await query(`{ jobs { ${AGE} } }`, { keys })).data.jobs);
    }
    expect(ages).toEqual([
      { isStale: false, fetchedAt: START },
      { isStale: false, fetchedAt: timeAfter(1000) },
    ]);
  });

  test('for one request, like its number of jobs', async () => {
    const gateway = await openFailing();
    await gateway.query(`{ jobs(first: 50) { ${AGE} } }`);
    expect(pathsOf(gateway)).toEqual(['/jobs?page=1&limit=1']);
  });

  test('also where its neighbours are counted', async () => {
    const { query, clock } = await openFailing();
    const { data } = await query('{ jobs(first: 10) { pageInfo { endCursor } } }');
    clock.advance(3000);
    const after = JSON.stringify(data.jobs.pageInfo.endCursor);
    const page = await query(`{ jobs(first: 10, after: ${after}) { ${AGE} pageInfo { hasNextPage } } }`);
    expect(page.data.jobs).toMatchObject({ isStale: false, fetchedAt: timeAfter(3000) });
  });
});

describe('a list that lags', () => {
  /** An upstream that knows the job has ended, with a list that does not. */
  const openLagging = (listed: RawJob, single: RawJob) => {
    const [lists, jobs] = [jobService({ 'alice-key': [listed] }), jobService({ 'alice-key': [single] })];
    return createTestGateway((request) => (request.path.startsWith('/jobs?') ? lists : jobs)(request));
  };

  test('shows the end that is known, and never takes it back', async () => {
    const { query, clock } = await openLagging(running, completed);
    await query(readJob);
    const statuses: string[] = [];
    for (let time = 0; time < 5; time += 1) {
      clock.advance(3000);
      statuses.push(
        (await query(readList)).data.jobs.nodes[0].status,
        (await query(readJob)).data.job.status,
      );
    }
    expect(new Set(statuses)).toEqual(new Set(['COMPLETED']));
  });

  test('shows the end that became known after it was read', async () => {
    const { query } = await openLagging(running, completed);
    await query(readList);
    await query(readJob, noCache);
    expect((await query(readList)).data.jobs.nodes[0].status).toBe('COMPLETED');
  });

  test('shows the later change, where upstream says when it changed the job', async () => {
    const at = (second: number, status: string) =>
      aJob('a:1', { status, updatedAt: `2026-01-15T10:00:0${second}Z` });
    const { query } = await openLagging(at(1, 'QUEUED'), at(2, 'RUNNING'));
    await query(readJob);
    expect((await query(readList)).data.jobs.nodes[0].status).toBe('RUNNING');
  });

  test('says that it is stale, where what it shows of a job is older than it should be', async () => {
    const { query, clock } = await openLagging(running, completed);
    await query(readJob);
    clock.advance(300_000);
    const fetchedAt = '2026-01-15T00:00:00.000Z';
    expect(await query('{ jobs { isStale fetchedAt nodes { status fetchedAt } } }')).toEqual({
      data: { jobs: { isStale: true, fetchedAt, nodes: [{ status: 'COMPLETED', fetchedAt }] } },
      extensions: { stale: true },
    });
  });

  test('leaves no single job unmarked, which a lagging answer could not make younger', async () => {
    const job = { ...aJob('a:1', { updatedAt: '2026-01-15T10:00:02Z' }) };
    const jobs = [job];
    const { query, clock } = await createTestGateway(jobService({ 'alice-key': jobs }));
    await query(readJob);
    jobs[0] = aJob('a:1', { updatedAt: '2026-01-15T10:00:01Z' });
    clock.advance(600_000);
    expect(await query('{ job(qrn: "a:1") { fetchedAt } }', noCache)).toEqual({
      data: { job: { fetchedAt: '2026-01-15T00:00:00.000Z' } },
      extensions: { stale: true },
    });
  });

  test('which was asked for before a job was read does not take back what that told', async () => {
    const jobs = [aJob('a:1', { status: 'QUEUED' })];
    const held = holdAnswers(jobService({ 'alice-key': jobs }), (path) => path.startsWith('/jobs?'));
    const { query, upstream } = await createTestGateway(held.script);
    const list = query(readList);
    await upstream.received(1);
    jobs[0] = running;
    await query(readJob);
    held.release();
    expect([(await list).data.jobs.nodes[0].status, (await query(readJob)).data.job.status]).toEqual([
      'RUNNING',
      'RUNNING',
    ]);
  });
});

test('warns of no leak, however many requests an operation waits for', async () => {
  const warnings: Error[] = [];
  const note = (warning: Error) => warnings.push(warning);
  process.on('warning', note);
  const noLists = overriding(jobService({ 'alice-key': someJobs(40) }), ({ path }) =>
    path.startsWith('/jobs?') ? { status: 500 } : undefined,
  );
  const { query, upstream } = await createTestGateway(noLists);
  const document = `{ ${someJobs(40)
    .map(({ jobQrn }, index) => `j${index}: job(qrn: "${jobQrn}") { qrn }`)
    .join(' ')} }`;
  expect(await query(document)).not.toHaveProperty('errors');
  process.off('warning', note);
  expect([warnings, upstream.requests.length]).toEqual([[], 41]);
});

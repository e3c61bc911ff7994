import { describe, expect, test } from 'vitest';
import { createSandbox, type SandboxOptions } from '../../src/sandbox/sandbox.ts';
import { startSandbox } from '../../src/sandbox/start-sandbox.ts';
import type { components } from '../../src/upstream/qbraid.generated.ts';

type Job = components['schemas']['RuntimeJob'];

const NOON_MS = Date.parse('2026-01-15T12:00:00Z');
const MINUTE_MS = 60_000;

/** A sandbox at noon, without a rate limit unless the options have one, and a clock that only the test moves. */
function openSandbox(options: SandboxOptions = {}) {
  let nowMs = NOON_MS;
  const unlimited = { requests: Number.POSITIVE_INFINITY, windowMs: 1 };
  const sandbox = createSandbox({ clock: () => nowMs, rateLimit: unlimited, ...options });

  function send(path: string, key = 'alice', method = 'GET') {
    const value = sandbox.keys.find(({ label }) => label === key)?.key ?? key;
    const answer = sandbox.handle({ method, path, headers: { 'X-API-KEY': value } });
    return { ...answer, body: JSON.parse(answer.body) };
  }

  function readAll(query = '', key = 'alice'): Job[] {
    const { totalPages } = send(`/jobs?limit=100&${query}`, key).body.pagination;
    return Array.from({ length: totalPages }, (_, page) =>
      send(`/jobs?limit=100&page=${page + 1}&${query}`, key),
    ).flatMap(({ body }) => body.data);
  }

  const readJob = (qrn: string): Job => send(`/jobs/${qrn}`).body.data;
  const readResult = (qrn: string) => send(`/jobs/${qrn}/result`).body.data;
  const cancel = (qrn: string, key?: string) => send(`/jobs/${qrn}/cancel`, key, 'POST');
  const advance = (durationMs: number) => {
    nowMs += durationMs;
  };
  return { send, readAll, readJob, readResult, cancel, advance };
}

/** Moves the clock until the newest job is being set up, and returns that job. */
function awaitNewJob(sandbox: ReturnType<typeof openSandbox>, query = ''): Job {
  for (let second = 0; second < 3600; second += 1) {
    sandbox.advance(1000);
    const [job] = sandbox.send(`/jobs?limit=1&${query}`).body.data;
    if (job?.status === 'INITIALIZING') return job;
  }
  throw new Error('no job was submitted for an hour');
}

/** What a job is at each second from now on, without what does not change from one second to the next. */
function follow<T>(sandbox: ReturnType<typeof openSandbox>, qrn: string, read: (job: Job) => T): T[] {
  const seen: T[] = [];
  for (let second = 0; second < 30 * 60; second += 1) {
    const value = read(sandbox.readJob(qrn));
    if (seen.at(-1) !== value) seen.push(value);
    sandbox.advance(1000);
  }
  return seen;
}

const qrnOf = ({ jobQrn }: Job) => jobQrn;
const isBatch = ({ name }: Job) => /, batch \d+$/.test(name ?? '');
/** Whether the result of the job has the counts of one circuit. */
const isMeasured = (job: Job) =>
  job.experimentType !== 'annealing' && (job.name !== null || job.batchJobQrn !== null) && !isBatch(job);

describe('the jobs of the sandbox', () => {
  test('are the same for the same seed, clock and requests', () => {
    const [one, other] = [openSandbox(), openSandbox()];
    const answer = (sandbox: typeof one) => [sandbox.readAll(), sandbox.send('/jobs/nothing', 'wrong')];
    expect(answer(one)).toEqual(answer(other));
  });

  test('are others for another seed', () => {
    const qrns = new Set(openSandbox({ seed: 1 }).readAll().map(qrnOf));
    expect(
      openSandbox({ seed: 2 })
        .readAll()
        .filter((job) => qrns.has(qrnOf(job))),
    ).toEqual([]);
  });

  test('outlive a restart', () => {
    const before = openSandbox();
    const restarted = openSandbox({ clock: () => NOON_MS + 20 * MINUTE_MS });
    before.advance(20 * MINUTE_MS);
    const { jobQrn } = before.send('/jobs?limit=1&page=50').body.data[0];
    expect(restarted.readJob(jobQrn)).toEqual(before.readJob(jobQrn));
  });

  test('are as many as asked for', () => {
    expect(openSandbox({ jobsPerKey: 42 }).send('/jobs').body.pagination.total).toBe(42);
  });

  test('stand in the list newest first', () => {
    const created = openSandbox()
      .readAll()
      .map((job) => job.timeStamps?.createdAt ?? '');
    expect(created).toEqual([...created].sort().reverse());
  });

  test('are spread over all documented vendors and providers', () => {
    const jobs = openSandbox().readAll();
    const providers = 'aqt aws azure equal1 ibm ionq iqm nec oqc pasqal qbraid quantinuum quera rigetti';
    expect({
      vendors: [...new Set(jobs.map(({ vendor }) => vendor))].sort().join(' '),
      providers: [...new Set(jobs.map(({ provider }) => provider))].sort().join(' '),
    }).toEqual({ vendors: 'aws azure ibm ionq qbraid', providers });
  });

  test('come to every documented status', () => {
    const sandbox = openSandbox();
    const seen = new Set<string>();
    for (let second = 0; second < 3600; second += 10) {
      for (const job of sandbox.send('/jobs?limit=30').body.data) seen.add(job.status);
      sandbox.advance(10_000);
    }
    const active = 'CANCELLING INITIALIZING QUEUED RUNNING VALIDATING';
    expect([...seen].sort().join(' ')).toEqual(
      [...`${active} CANCELLED COMPLETED FAILED HOLD UNKNOWN`.split(' ')].sort().join(' '),
    );
  });

  test('always have some under way among the newest 20', () => {
    const sandbox = openSandbox();
    const activeCounts = Array.from({ length: 1000 }, () => {
      sandbox.advance(97_000);
      const jobs: Job[] = sandbox.send('/jobs?limit=20').body.data;
      return jobs.filter(({ status }) => ['QUEUED', 'RUNNING'].includes(status)).length;
    });
    expect(Math.min(...activeCounts)).toBeGreaterThan(0);
  });

  test.each([20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31])(
    'belong to batches that can be read, even if the list ends after %i',
    (jobsPerKey) => {
      const sandbox = openSandbox({ jobsPerKey });
      const batches = new Set(sandbox.readAll().flatMap(({ batchJobQrn }) => batchJobQrn ?? []));
      const statuses = [...batches].map((qrn) => sandbox.send(`/jobs/${qrn}`).status);
      expect(statuses).toEqual(Array(batches.size).fill(200));
    },
  );

  test('must be at least one for each key', () => {
    expect(() => openSandbox({ jobsPerKey: 0 })).toThrow('jobsPerKey must be a positive integer, got 0');
  });
});

describe('as the clock goes on, the sandbox', () => {
  test('takes a job from its submission to its end', () => {
    const sandbox = openSandbox();
    const { jobQrn } = awaitNewJob(sandbox, 'search=qpu');
    expect(follow(sandbox, jobQrn, ({ status }) => status)).toEqual([
      'INITIALIZING',
      'VALIDATING',
      'QUEUED',
      'RUNNING',
      'COMPLETED',
    ]);
  });

  test('moves a queue up place by place until nobody is in front', () => {
    const sandbox = openSandbox();
    const { jobQrn } = awaitNewJob(sandbox, 'search=qpu');
    const places = follow(sandbox, jobQrn, ({ queuePosition }) => queuePosition ?? null);
    const first = Math.max(...places.map(Number));
    expect(places).toEqual([null, ...Array.from({ length: first + 1 }, (_, moved) => first - moved), null]);
  });

  test('charges a job when it ends, and nothing if it failed or was cancelled', () => {
    const jobs = openSandbox().readAll();
    const costsOf = (...statuses: string[]) =>
      jobs.filter(({ status }) => statuses.includes(status)).map(({ cost }) => cost);
    expect({
      failed: new Set(costsOf('FAILED', 'CANCELLED')),
      active: new Set(costsOf('QUEUED', 'RUNNING', 'UNKNOWN')),
      ended: costsOf('COMPLETED', 'HOLD').every((cost) => typeof cost === 'number' && cost > 0),
    }).toEqual({ failed: new Set([0]), active: new Set([null]), ended: true });
  });

  test('ends a batch with its last part', () => {
    const sandbox = openSandbox();
    const jobs = sandbox.readAll('statusGroup=returned');
    const batch = jobs.find(({ name }) => name?.includes('batch') && !name.includes('part'));
    const ends = jobs
      .filter(({ batchJobQrn }) => batchJobQrn === batch?.jobQrn)
      .map(({ timeStamps }) => timeStamps?.endedAt);
    expect([ends.length, ends.sort().at(-1)]).toEqual([4, batch?.timeStamps?.endedAt]);
  });

  test('puts new jobs in front of those that were there', () => {
    const sandbox = openSandbox();
    const before = sandbox.readAll().map(qrnOf);
    sandbox.advance(20 * MINUTE_MS);
    const after = sandbox.readAll().map(qrnOf);
    expect(after.slice(-before.length)).toEqual(before);
    expect(after.length).toBeGreaterThan(before.length);
  });

  test('drops the older half of a list that has doubled', () => {
    const sandbox = openSandbox({ jobsPerKey: 20 });
    const totals = Array.from({ length: 60 }, () => {
      sandbox.advance(MINUTE_MS);
      return sandbox.send('/jobs').body.pagination.total;
    });
    expect([Math.min(...totals), Math.max(...totals)]).toEqual([20, 39]);
  });

  test('gives the same answer again at the same time', () => {
    const sandbox = openSandbox({ jobsPerKey: 20 });
    const jobs = sandbox.readAll();
    sandbox.advance(60 * MINUTE_MS);
    sandbox.readAll();
    sandbox.advance(-60 * MINUTE_MS);
    expect(sandbox.readAll()).toEqual(jobs);
  });

  test('keeps its lists short for years', () => {
    const sandbox = openSandbox({ jobsPerKey: 20 });
    sandbox.advance(365 * 24 * 60 * MINUTE_MS);
    expect(sandbox.readAll().length).toBeLessThan(40);
  });
});

describe('GET /jobs', () => {
  const isReturned = ({ status }: Job) => ['COMPLETED', 'FAILED', 'CANCELLED'].includes(status);

  test.each<[query: string, isWanted: (job: Job) => boolean]>([
    ['vendor=aws', ({ vendor }) => vendor === 'aws'],
    ['vendor=all', () => true],
    ['provider=ionq', ({ provider }) => provider === 'ionq'],
    ['vendor=aws&provider=ionq', ({ deviceQrn }) => deviceQrn.startsWith('aws:ionq:')],
    ['statusGroup=returned', isReturned],
    ['statusGroup=pending', (job) => !isReturned(job)],
    ['statusGroup=all', () => true],
    ['status=HOLD', ({ status }) => status === 'HOLD'],
    ['status=HOLD&statusGroup=returned', ({ status }) => status === 'HOLD'],
    ['search=GROVER', ({ tags }) => tags?.['experiment'] === 'grover'],
    ['search=aquila', ({ deviceQrn }) => deviceQrn === 'aws:quera:qpu:aquila'],
    ['search=qbraid:job:', ({ jobQrn }) => jobQrn.startsWith('qbraid:job:')],
    ['tags={"env":"prod"}', ({ tags }) => tags?.['env'] === 'prod'],
    ['tags={"env":"prod","run":3}', ({ tags }) => tags?.['env'] === 'prod' && tags['run'] === 3],
    ['tags={"calibrated":false}', ({ tags }) => tags?.['calibrated'] === false],
    ['tags={}', () => true],
  ])('with %s lists the jobs that match, all of them, in their order', (query, isWanted) => {
    const sandbox = openSandbox();
    const wanted = sandbox.readAll().filter(isWanted);
    expect(wanted).not.toEqual([]);
    expect(sandbox.readAll(query)).toEqual(wanted);
  });

  test('lists nothing where nothing matches', () => {
    const { data, pagination } = openSandbox().send('/jobs?tags={"run":"3"}').body;
    expect({ data, pagination }).toEqual({
      data: [],
      pagination: { page: 1, limit: 50, total: 0, totalPages: 0, hasNext: false, hasPrev: false },
    });
  });

  test('covers every job once over its pages', () => {
    const sandbox = openSandbox();
    const pages = Array.from(
      { length: 43 },
      (_, page) => sandbox.send(`/jobs?limit=7&page=${page + 1}`).body,
    );
    expect(pages.flatMap(({ data }) => data)).toEqual(sandbox.readAll());
    expect([pages[0], pages[42]].map(({ pagination }) => pagination)).toEqual([
      { page: 1, limit: 7, total: 300, totalPages: 43, hasNext: true, hasPrev: false },
      { page: 43, limit: 7, total: 300, totalPages: 43, hasNext: false, hasPrev: true },
    ]);
  });

  test('lists each job as GET /jobs/{job_qrn} reads it', () => {
    const sandbox = openSandbox();
    const jobs = sandbox.readAll();
    expect(jobs.map(({ jobQrn }) => sandbox.readJob(encodeURIComponent(jobQrn)))).toEqual(jobs);
  });

  test.each<[query: string, ...fault: [loc: string[], type: string, msg: string]]>([
    ['limit=0', ['query', 'limit'], 'greater_than_equal', 'Input should be greater than or equal to 1'],
    ['limit=101', ['query', 'limit'], 'less_than_equal', 'Input should be less than or equal to 100'],
    ['limit=ten', ['query', 'limit'], 'int_parsing', 'Input should be a valid integer'],
    ['page=-1', ['query', 'page'], 'greater_than_equal', 'Input should be greater than or equal to 1'],
    ['page=1.5', ['query', 'page'], 'int_parsing', 'Input should be a valid integer'],
    ['statusGroup=x', ['query', 'statusGroup'], 'enum', "Input should be 'all', 'pending' or 'returned'"],
    ['search=', ['query', 'search'], 'string_too_short', 'String should have at least 1 character'],
    [
      `search=${'x'.repeat(256)}`,
      ['query', 'search'],
      'string_too_long',
      'String should have at most 255 characters',
    ],
    ['tags={', ['query', 'tags'], 'json_invalid', 'Invalid JSON'],
    ['tags=[]', ['query', 'tags'], 'dict_type', 'Input should be a valid dictionary'],
    ['tags={"a":1.5}', ['query', 'tags', 'a'], 'union', 'Input should be a string, integer or boolean'],
  ])('refuses %s', (query, loc, type, msg) => {
    const { status, body } = openSandbox().send(`/jobs?${query}`);
    expect({ status, body }).toEqual({ status: 422, body: { detail: [{ loc, msg, type }] } });
  });

  test('names every fault of a request at once', () => {
    const { body } = openSandbox().send('/jobs?vendor=acme&status=DONE&page=0');
    expect(body.detail.map(({ loc }: { loc: string[] }) => loc[1])).toEqual(['vendor', 'status', 'page']);
  });
});

describe('the keys of the sandbox', () => {
  test.each([
    ['bob', 'carol'],
    ['alice', 'alice-ci'],
    ['alice-ci', 'carol'],
  ])('%s and %s have no job in common', (one, other) => {
    const sandbox = openSandbox();
    const qrns = new Set(sandbox.readAll('', one).map(qrnOf));
    expect(sandbox.readAll('', other).filter((job) => qrns.has(qrnOf(job)))).toEqual([]);
  });

  test('alice and bob see the jobs of their team, and see them alike', () => {
    const sandbox = openSandbox();
    const bobsJobs = new Map(sandbox.readAll('', 'bob').map((job) => [qrnOf(job), job]));
    const shared = sandbox.readAll('', 'alice').filter((job) => bobsJobs.has(qrnOf(job)));
    expect(shared).toHaveLength(50);
    expect(shared.map((job) => bobsJobs.get(qrnOf(job)))).toEqual(shared);
  });

  test("answer 403 to another key's job and 404 to an unknown one", () => {
    const sandbox = openSandbox();
    const [job] = sandbox.readAll('', 'carol');
    const answers = [job?.jobQrn, 'qbraid:job:unknown'].map((qrn) => sandbox.send(`/jobs/${qrn}`));
    expect(answers.map(({ status, body }) => [status, body])).toEqual([
      [403, { detail: 'You do not have permission to access this job' }],
      [404, { detail: 'Job not found' }],
    ]);
  });

  test.each([
    ['', 'Authentication required'],
    ['my-key', 'Invalid API key format'],
    ['qbr_my-key', 'Invalid API key'],
  ])('do not include "%s"', (key, detail) => {
    const { status, body } = openSandbox().send('/jobs', key);
    expect({ status, body }).toEqual({ status: 401, body: { detail } });
  });
});

describe('the fault key', () => {
  test('qbr_demo_429 is always told that its requests are spent', () => {
    const sandbox = openSandbox();
    const answers = [sandbox.send('/jobs', 'qbr_demo_429'), sandbox.send('/jobs/statuses', 'qbr_demo_429')];
    expect(answers.map(({ status, headers }) => [status, headers['retry-after']])).toEqual([
      [429, '30'],
      [429, '30'],
    ]);
  });

  test('qbr_demo_503 is always told that the API is not available', () => {
    const { status, body } = openSandbox().send('/jobs', 'qbr_demo_503');
    expect([status, body]).toEqual([503, { detail: 'Service Unavailable' }]);
  });

  test('qbr_demo_slow is answered after 5 seconds, also where it is refused', () => {
    const sandbox = openSandbox();
    const ask = (path: string, key: string) => {
      const { status, delayMs } = sandbox.send(path, key);
      return { status, delayMs };
    };
    expect(ask('/jobs', 'qbr_demo_slow')).toEqual({ status: 200, delayMs: 5000 });
    expect(ask('/jobs/qbraid:job:1', 'qbr_demo_slow')).toEqual({ status: 404, delayMs: 5000 });
    expect(ask('/jobs', 'alice')).toEqual({ status: 200, delayMs: 0 });
  });

  test('qbr_demo_revoked is answered five times, then never again', () => {
    const sandbox = openSandbox();
    const answers = Array.from({ length: 7 }, () => sandbox.send('/jobs', 'qbr_demo_revoked'));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 401, 401]);
    expect(answers[6]?.body).toEqual({ detail: 'Invalid API key' });
  });

  test('is accepted besides the keys that the sandbox was given', () => {
    const keys = [{ label: 'dana', key: 'qbr_dana', user: 'dana', team: null }];
    const sandbox = openSandbox({ keys });
    const statuses = ['dana', 'qbr_demo_503', 'qbr_demo_slow', 'qbr_demo_alice_7d1f0c52a94e'].map(
      (key) => sandbox.send('/jobs', key).status,
    );
    expect(statuses).toEqual([200, 503, 200, 401]);
  });
});

describe('the rate limit of the sandbox', () => {
  const rateLimit = { requests: 2, windowMs: 10_000 };

  test('is shared by the keys of one user and by nobody else', () => {
    const sandbox = openSandbox({ rateLimit });
    const keys = ['alice', 'alice-ci', 'alice', 'alice-ci', 'bob'];
    expect(keys.map((key) => sandbox.send('/jobs', key).status)).toEqual([200, 200, 429, 429, 200]);
  });

  test('says when to come back, and grants a request then', () => {
    const sandbox = openSandbox({ rateLimit });
    sandbox.send('/jobs');
    sandbox.advance(3500);
    sandbox.send('/jobs');
    const refused = sandbox.send('/jobs');
    sandbox.advance(6500);
    expect({
      ...refused,
      statusesThen: [sandbox.send('/jobs').status, sandbox.send('/jobs').status],
    }).toEqual({
      status: 429,
      headers: { 'content-type': 'application/json', 'retry-after': '7' },
      body: { detail: 'Too many requests' },
      delayMs: 0,
      statusesThen: [200, 429],
    });
  });

  test('is 1,000 requests in 15 minutes unless told otherwise', () => {
    const sandbox = createSandbox({ clock: () => NOON_MS, jobsPerKey: 1 });
    const headers = { 'x-api-key': sandbox.keys[0]?.key };
    const statuses = Array.from(
      { length: 1001 },
      () => sandbox.handle({ method: 'GET', path: '/jobs', headers }).status,
    );
    expect([statuses.lastIndexOf(200), statuses.indexOf(429)]).toEqual([999, 1000]);
  });
});

describe('GET /jobs/{job_qrn}/result', () => {
  const sum = (counts: Record<string, number>) =>
    Object.values(counts).reduce((total, count) => total + count, 0);

  test('has as many measurements as the job has shots', () => {
    const sandbox = openSandbox();
    const jobs = sandbox.readAll('status=COMPLETED').filter(isMeasured);
    const shots = jobs.map(({ jobQrn }) => sum(sandbox.readResult(jobQrn).resultData.measurementCounts));
    expect(jobs.length).toBeGreaterThan(100);
    expect(shots).toEqual(jobs.map((job) => job.shots));
  });

  test('is the same again, also later and for the team', () => {
    const sandbox = openSandbox();
    const bobsJobs = sandbox.readAll('status=COMPLETED', 'bob').map(qrnOf);
    const shared = sandbox.readAll('status=COMPLETED').find((job) => bobsJobs.includes(qrnOf(job)));
    const read = (key: string) => sandbox.send(`/jobs/${shared?.jobQrn}/result`, key);
    const first = read('alice');
    sandbox.advance(MINUTE_MS);
    expect([first.status, read('alice'), read('bob')]).toEqual([200, first, first]);
  });

  test.each<[experiment: string, expected: RegExp]>([
    ['bell-state', /^(0+|1+)$/],
    ['rb', /^0+$/],
    ['vqe-h2', /^(0?(10)*1?|0+)$/],
    ['z2-phase', /^(g?(rg)*r?|g+)$/],
  ])('of the experiment %s shows mostly what it should measure', (experiment, expected) => {
    const sandbox = openSandbox();
    const jobs = sandbox.readAll(`status=COMPLETED&tags={"experiment":"${experiment}"}`).filter(isMeasured);
    const counts = jobs.flatMap(({ jobQrn }) =>
      Object.entries(sandbox.readResult(jobQrn).resultData.measurementCounts as Record<string, number>),
    );
    const wanted = Object.fromEntries(counts.filter(([outcome]) => expected.test(outcome)));
    const [wantedShots, shots] = [sum(wanted), sum(Object.fromEntries(counts))];
    expect(wantedShots / shots).toBeGreaterThan(0.6);
  });

  test('repeats the status, the cost and the times of the job', () => {
    const sandbox = openSandbox();
    const [job] = sandbox.readAll('status=COMPLETED');
    const { status, cost, timeStamps } = job as Job;
    expect(sandbox.readResult(job?.jobQrn ?? '')).toEqual({
      status,
      cost,
      timeStamps,
      resultData: { measurementCounts: expect.any(Object) },
    });
  });

  test('of a batch is a list with the counts of each part', () => {
    const sandbox = openSandbox();
    const jobs = sandbox.readAll('status=COMPLETED');
    const batch = jobs.find(isBatch);
    const parts = jobs.filter(({ batchJobQrn }) => batchJobQrn === batch?.jobQrn).reverse();
    const counts = parts.map(({ jobQrn }) => sandbox.readResult(jobQrn).resultData.measurementCounts);
    expect(sandbox.readResult(batch?.jobQrn ?? '').resultData).toEqual({ measurementCounts: counts });
    expect(new Set(counts.map((count) => JSON.stringify(count))).size).toBe(4);
  });

  test('of an annealer has solutions, and no counts', () => {
    const sandbox = openSandbox();
    const [job] = sandbox
      .readAll('status=COMPLETED&search=annealer')
      .filter(({ batchJobQrn }) => !batchJobQrn);
    const { solutions, ...rest } = sandbox.readResult(job?.jobQrn ?? '').resultData;
    const occurrences = solutions.map(({ numOccurrences }: { numOccurrences: number }) => numOccurrences);
    expect(rest).toEqual({});
    expect(sum(occurrences)).toBe(job?.shots);
  });

  test('is not ready before two seconds after the completion', () => {
    const sandbox = openSandbox();
    const { jobQrn } = awaitNewJob(sandbox, 'search=qpu');
    while (sandbox.readJob(jobQrn).status !== 'COMPLETED') sandbox.advance(1000);
    const atOnce = sandbox.send(`/jobs/${jobQrn}/result`);
    sandbox.advance(2000);
    expect([atOnce.status, atOnce.body, sandbox.send(`/jobs/${jobQrn}/result`).status]).toEqual([
      409,
      { detail: 'The result is not ready yet' },
      200,
    ]);
  });

  test.each([
    ['RUNNING', 409, 'The result is not ready yet'],
    ['FAILED', 404, 'The job is FAILED and has no result'],
    ['CANCELLED', 404, 'The job is CANCELLED and has no result'],
    ['HOLD', 403, 'The result is withheld: the account needs credits'],
  ])('of a job that is %s answers %i', (jobStatus, status, detail) => {
    const sandbox = openSandbox();
    const [job] = sandbox.readAll(`status=${jobStatus}`);
    const answer = sandbox.send(`/jobs/${job?.jobQrn}/result`);
    expect([answer.status, answer.body]).toEqual([status, { detail }]);
  });

  test("of another key's job answers 403", () => {
    const sandbox = openSandbox();
    const [job] = sandbox.readAll('status=COMPLETED', 'carol');
    expect(sandbox.send(`/jobs/${job?.jobQrn}/result`).status).toBe(403);
  });
});

describe('POST /jobs/{job_qrn}/cancel', () => {
  test('cancels a job: for its own route, the list and the counts alike', () => {
    const sandbox = openSandbox();
    const [job] = sandbox.readAll('status=QUEUED');
    const { jobQrn } = job as Job;
    const before = sandbox.send('/jobs/statuses').body.data;
    const answer = sandbox.cancel(jobQrn);
    const after = sandbox.send('/jobs/statuses').body.data;

    expect([answer.status, answer.body]).toEqual([
      202,
      { success: true, data: { message: 'The job will be cancelled', jobQrn, status: 'CANCELLING' } },
    ]);
    expect(sandbox.readJob(jobQrn).status).toBe('CANCELLING');
    expect(sandbox.readAll('status=CANCELLING').map(qrnOf)).toContain(jobQrn);
    expect([after.QUEUED - before.QUEUED, after.CANCELLING - before.CANCELLING]).toEqual([-1, 1]);
  });

  test('ends the job after 5 to 20 seconds, at no cost and without a result', () => {
    const sandbox = openSandbox();
    const [job] = sandbox.readAll('status=RUNNING');
    const { jobQrn } = job as Job;
    sandbox.cancel(jobQrn);
    sandbox.advance(4999);
    const early = sandbox.readJob(jobQrn).status;
    sandbox.advance(15_001);
    expect([early, sandbox.readJob(jobQrn)]).toMatchObject([
      'CANCELLING',
      { status: 'CANCELLED', cost: 0, queuePosition: null, statusMsg: 'Cancelled by the user.' },
    ]);
    expect(sandbox.send(`/jobs/${jobQrn}/result`).status).toBe(404);
  });

  test('of a batch cancels its parts, but for those that have ended', () => {
    const sandbox = openSandbox();
    const batch = awaitNewJob(sandbox, 'search=batch');
    const qrn = batch.batchJobQrn ?? batch.jobQrn;
    sandbox.advance(20_000);
    sandbox.cancel(qrn);
    sandbox.advance(20_000);
    const parts = sandbox.readAll().filter(({ batchJobQrn }) => batchJobQrn === qrn);
    expect([sandbox.readJob(qrn), ...parts].map(({ status }) => status)).toEqual(Array(5).fill('CANCELLED'));
  });

  test('is seen by the team, which may cancel too', () => {
    const sandbox = openSandbox();
    const alices = sandbox.readAll('statusGroup=pending').map(qrnOf);
    const shared = sandbox
      .readAll('', 'bob')
      .find((job) => alices.includes(qrnOf(job)) && job.status !== 'INITIALIZING');
    const { jobQrn } = shared as Job;
    expect([sandbox.cancel(jobQrn, 'bob').status, sandbox.readJob(jobQrn).status]).toEqual([
      202,
      'CANCELLING',
    ]);
  });

  test('is refused with 409 while the job is set up', () => {
    const sandbox = openSandbox();
    const { jobQrn } = awaitNewJob(sandbox);
    const answer = sandbox.cancel(jobQrn);
    expect([answer.status, answer.body]).toEqual([
      409,
      { detail: 'The job is INITIALIZING and cannot be cancelled now' },
    ]);
  });

  test('is refused with 409 while the job is being cancelled', () => {
    const sandbox = openSandbox();
    const [job] = sandbox.readAll('status=QUEUED');
    expect([1, 2].map(() => sandbox.cancel(job?.jobQrn ?? '').status)).toEqual([202, 409]);
  });

  test.each(['COMPLETED', 'FAILED', 'CANCELLED', 'HOLD'])(
    'is refused with 400 once the job is %s',
    (status) => {
      const sandbox = openSandbox();
      const [job] = sandbox.readAll(`status=${status}`);
      const answer = sandbox.cancel(job?.jobQrn ?? '');
      expect([answer.status, answer.body]).toEqual([
        400,
        { detail: `The job is ${status} and cannot be cancelled` },
      ]);
      expect(sandbox.readJob(job?.jobQrn ?? '')).toEqual(job);
    },
  );

  test("of another key's job answers 403 and changes nothing", () => {
    const sandbox = openSandbox();
    const [job] = sandbox.readAll('status=QUEUED', 'carol');
    expect(sandbox.cancel(job?.jobQrn ?? '').status).toBe(403);
    expect(sandbox.readAll('status=QUEUED', 'carol')).toContainEqual(job);
  });
});

describe('GET /devices/{device_qrn}', () => {
  test('answers with the device of a job', () => {
    const { status, body } = openSandbox().send('/devices/aws:ionq:qpu:forte-1');
    expect([status, body]).toEqual([
      200,
      {
        success: true,
        data: {
          qrn: 'aws:ionq:qpu:forte-1',
          name: 'Forte 1',
          deviceType: 'QPU',
          vendor: 'aws',
          status: 'ONLINE',
          statusMsg: 'Calibrated today.',
          queueDepth: expect.any(Number),
          avgQueueTime: expect.any(Number),
          pricing: { perTask: 30, perShot: 8, perMinute: null },
        },
      },
    ]);
  });

  test('has a queue that holds the jobs of the keys, and that changes', () => {
    const sandbox = openSandbox();
    const lengths = new Set<number>();
    for (let minute = 0; minute < 30; minute += 1) {
      for (const { deviceQrn, queuePosition } of sandbox.readAll('status=QUEUED')) {
        const { queueDepth } = sandbox.send(`/devices/${deviceQrn}`).body.data;
        expect(queueDepth).toBeGreaterThan(queuePosition ?? 0);
        lengths.add(queueDepth);
      }
      sandbox.advance(MINUTE_MS);
    }
    expect(lengths.size).toBeGreaterThan(10);
  });

  test('is the same for every key', () => {
    const sandbox = openSandbox();
    const answers = ['alice', 'bob', 'carol'].map((key) => sandbox.send('/devices/ibm:ibm:qpu:fez', key));
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
  });
});

describe('the other routes of the sandbox', () => {
  test('count the jobs of each status', () => {
    const sandbox = openSandbox();
    const counts = sandbox.send('/jobs/statuses').body.data;
    const jobs = sandbox.readAll();
    expect(Object.keys(counts)).toHaveLength(10);
    expect(Object.values<number>(counts).reduce((sum, count) => sum + count)).toBe(jobs.length);
    expect(counts.HOLD).toBe(jobs.filter(({ status }) => status === 'HOLD').length);
  });

  test.each([
    ['GET', '/', 404, 'Not Found'],
    ['GET', '/devices', 404, 'Not Found'],
    ['GET', '//', 404, 'Not Found'],
    ['GET', '/jobs/', 404, 'Not Found'],
    ['GET', '/jobs/summary', 404, 'Not Found'],
    ['GET', '/jobs/qbraid:job:1/results', 404, 'Not Found'],
    ['GET', '/jobs/qbraid:job:1/result', 404, 'Job not found'],
    ['POST', '/jobs/qbraid:job:1/cancel', 404, 'Job not found'],
    ['GET', '/devices/acme:acme:qpu:one', 404, 'Device not found'],
    ['GET', '/devices/aws:aws:sim:sv1/result', 404, 'Not Found'],
    ['GET', '/jobs/%E0%A4%A', 404, 'Job not found'],
    ['POST', '/jobs', 405, 'Method Not Allowed'],
    ['DELETE', '/jobs/qbraid:job:1', 405, 'Method Not Allowed'],
    ['POST', '/jobs/qbraid:job:1/result', 405, 'Method Not Allowed'],
    ['GET', '/jobs/qbraid:job:1/cancel', 405, 'Method Not Allowed'],
    ['PUT', '/devices/aws:aws:sim:sv1', 405, 'Method Not Allowed'],
  ])('answer %s %s with %i', (method, path, status, detail) => {
    const answer = openSandbox().send(path, 'alice', method);
    expect([answer.status, answer.body]).toEqual([status, { detail }]);
  });
});

describe('the sandbox in its recorded shape', () => {
  const openRecorded = () => openSandbox({ shape: 'recorded' });

  test('answers a cancelled job without an envelope', () => {
    const sandbox = openRecorded();
    const [job] = sandbox.readAll('status=QUEUED');
    const { status, body } = sandbox.cancel(job?.jobQrn ?? '');
    expect([status, body]).toEqual([
      202,
      { message: 'The job will be cancelled', jobQrn: job?.jobQrn, status: 'CANCELLING' },
    ]);
  });

  test('writes the cost of a result as text', () => {
    const sandbox = openRecorded();
    const [job] = sandbox.readAll('status=COMPLETED');
    const { cost, timeStamps } = sandbox.readResult(job?.jobQrn ?? '');
    expect({ cost, timeStamps }).toEqual({ cost: String(job?.cost), timeStamps: job?.timeStamps });
  });

  test('leaves out of a device what is not set', () => {
    const { data } = openRecorded().send('/devices/aws:aws:sim:sv1').body;
    expect(data).toEqual({
      qrn: 'aws:aws:sim:sv1',
      name: 'SV1',
      deviceType: 'SIMULATOR',
      vendor: 'aws',
      status: 'ONLINE',
      queueDepth: expect.any(Number),
      avgQueueTime: expect.any(Number),
      pricing: { perTask: 0.375, perShot: 0 },
      deviceId: expect.stringMatching(/^[0-9a-f]{24}$/),
    });
  });

  test('leaves out what is not set', () => {
    const sandbox = openRecorded();
    const newJob = awaitNewJob(sandbox);
    const unset = Object.keys(openSandbox().readAll()[0] ?? {}).filter((name) => !(name in newJob));
    expect(unset).toEqual(['batchJobQrn', 'statusMsg', 'queuePosition', 'cost', 'metadata']);
    expect(JSON.stringify(sandbox.readAll())).not.toContain('null');
  });

  test('sends circuits, a device, stable times and internal fields besides', () => {
    const [job] = openRecorded().readAll('search=aquila');
    expect(job).toMatchObject({
      numCircuits: expect.any(Number),
      createdAt: expect.stringMatching(/^2026-01-15T.*\.\d{3}Z$/),
      updatedAt: expect.stringMatching(/^2026-01-15T.*\.\d{3}Z$/),
      device: {
        qrn: 'aws:quera:qpu:aquila',
        name: 'Aquila',
        deviceType: 'QPU',
        vendor: 'aws',
        status: 'ONLINE',
      },
      organizationUserId: expect.stringMatching(/^[0-9a-f]{24}$/),
      deviceId: expect.stringMatching(/^[0-9a-f]{24}$/),
      providerId: expect.stringMatching(/^[0-9a-f]{24}$/),
      gcsDestination: expect.stringMatching(/^gs:/),
    });
  });

  test('calls the batch of a job its group', () => {
    const batchNames = openSandbox()
      .readAll()
      .map(({ batchJobQrn }) => batchJobQrn ?? undefined);
    const jobs = openRecorded().readAll();
    expect(jobs.map(({ groupJobQrn }) => groupJobQrn)).toEqual(batchNames);
    expect(jobs.filter((job) => 'batchJobQrn' in job)).toEqual([]);
  });

  test('moves timeStamps.createdAt while a job runs, and leaves createdAt alone', () => {
    const sandbox = openRecorded();
    const { jobQrn, createdAt } = awaitNewJob(sandbox, 'search=qpu');
    const moving = follow(sandbox, jobQrn, ({ timeStamps }) => timeStamps?.createdAt);
    expect([moving.length, sandbox.readJob(jobQrn).createdAt]).toEqual([4, createdAt]);
  });

  test('sends fractions of a second with 0, 3 or 6 digits', () => {
    const texts = openRecorded()
      .readAll()
      .map(({ timeStamps }) => timeStamps?.createdAt ?? '');
    const digits = texts.map((text) => /(?:\.(\d+))?Z$/.exec(text)?.[1]?.length ?? 0);
    expect([...new Set(digits)].sort()).toEqual([0, 3, 6]);
  });

  test.each([
    ['/jobs', '', 401, 'NO_VALID_AUTHENTICATION'],
    ['/jobs', 'my-key', 401, 'INVALID_API_KEY_FORMAT'],
    ['/jobs', 'qbr_my-key', 401, 'INVALID_API_KEY'],
  ])('answers %s with the key "%s" in the live envelope', (path, key, status, code) => {
    const answer = openRecorded().send(path, key);
    expect([answer.status, answer.body]).toEqual([
      status,
      {
        success: false,
        message: answer.body.error.message,
        error: {
          message: expect.any(String),
          code,
          requestId: expect.stringMatching(/^[0-9a-f]{32}$/),
          timestamp: '2026-01-15T12:00:00.000Z',
          domain: 'api-key',
          allowedStrategies: ['apiKey'],
          supportedStrategies: ['apiKey', 'bearer'],
          debugInfo: { hasAuthorization: false, hasApiKey: key !== '' },
        },
      },
    ]);
  });

  test.each([
    ['/jobs/qbraid:job:unknown', 404, 'NOT_FOUND', 'Job not found'],
    ['/jobs?limit=0', 422, 'VALIDATION_ERROR', 'Validation failed'],
    ['/devices', 404, 'NOT_FOUND', 'Not Found'],
  ])('answers %s in the live envelope', (path, status, code, message) => {
    const answer = openRecorded().send(path);
    expect([answer.status, answer.body]).toEqual([
      status,
      { success: false, message, error: { message, code } },
    ]);
  });
});

describe('a started sandbox', () => {
  test('answers under its URL until it is closed', async () => {
    const sandbox = await startSandbox({ clock: () => NOON_MS, jobsPerKey: 3 });
    const headers = { 'X-API-KEY': sandbox.keys[0]?.key ?? '' };
    const answers = [
      await fetch(`${sandbox.url}/jobs?limit=2`, { headers }),
      await fetch(`${sandbox.url}/jobs`),
      await fetch(sandbox.url.replace('/api/v1', '/jobs'), { headers }),
      await fetch(`${sandbox.url}/jobs`, { method: 'POST', headers, body: '{}' }),
    ];
    const [list] = await Promise.all(answers.map((answer) => answer.json()));
    await sandbox.close();
    await sandbox.close();

    expect(sandbox.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/api\/v1$/);
    expect(answers.map(({ status }) => status)).toEqual([200, 401, 404, 405]);
    expect(answers[3]?.headers.get('allow')).toBe('GET');
    expect(list).toEqual(openSandbox({ jobsPerKey: 3 }).send('/jobs?limit=2').body);
    await expect(fetch(sandbox.url)).rejects.toThrow();
  });

  test('keeps the slow key waiting for as long as it was told', async () => {
    const sandbox = await startSandbox({ jobsPerKey: 3, slowMs: 60 });
    const startedAtMs = performance.now();
    const { status } = await fetch(`${sandbox.url}/jobs`, { headers: { 'X-API-KEY': 'qbr_demo_slow' } });
    expect([status, performance.now() - startedAtMs >= 55]).toEqual([200, true]);
    await sandbox.close();
  });

  test('can be closed while the slow key waits', async () => {
    const sandbox = await startSandbox({ jobsPerKey: 3, slowMs: 3_600_000 });
    const waiting = fetch(`${sandbox.url}/jobs`, { headers: { 'X-API-KEY': 'qbr_demo_slow' } });
    const ended = expect(waiting).rejects.toThrow('fetch failed');
    await fetch(`${sandbox.url}/jobs`);
    await sandbox.close();
    await ended;
  });

  test('rejects a port that is taken', async () => {
    const first = await startSandbox();
    const second = startSandbox({ port: Number(new URL(first.url).port) });
    await expect(second).rejects.toThrow('EADDRINUSE');
    await first.close();
  });
});

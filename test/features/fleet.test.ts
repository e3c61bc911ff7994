import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { createTestFleet, type FleetOptions } from '../support/create-test-fleet.ts';
import type { TestGateway } from '../support/create-test-gateway.ts';
import type { FakeFleetServer } from '../support/fake-fleet-server.ts';
import { aJob, type RawJob, someJobs } from '../support/job-builder.ts';
import { type JobLists, jobService, overriding, pageOf, refusal } from '../support/job-service.ts';
import { passTime, passTimeCallByCall, settled } from '../support/pass-time.ts';
import type { UpstreamBehaviour, UpstreamScript } from '../support/scripted-upstream.ts';

const QRN = 'qbraid:job:1';
const JOB = `{ job(qrn: "${QRN}") { qrn status } }`;
const LIST = '{ jobs(first: 50) { nodes { qrn status } } }';

/** Two replicas over an upstream whose only user has these jobs. */
async function openFleet(jobs: RawJob[] = [aJob(QRN, { status: 'RUNNING' })], options: FleetOptions = {}) {
  const lists: JobLists = { 'alice-key': jobs };
  const fleet = await createTestFleet(jobService(lists), options);
  const [a, b] = fleet.replicas as [TestGateway, TestGateway];
  return { ...fleet, a, b, lists };
}

function statusOf({ data }: Awaited<ReturnType<TestGateway['query']>>): string | null {
  return data?.job?.status ?? null;
}

describe('what one replica has read', () => {
  test('another one shows without a request', async () => {
    const { a, b, upstream } = await openFleet();
    expect(await a.query(JOB)).toEqual(await b.query(JOB));
    expect(upstream.requests).toHaveLength(1);
  });

  test('in a list serves for a single job', async () => {
    const { a, b, upstream } = await openFleet(someJobs(3));
    const { data } = await a.query(LIST);
    const [{ qrn }] = data.jobs.nodes;
    await b.query('query ($qrn: String!) { job(qrn: $qrn) { status } }', { variables: { qrn } });
    expect(upstream.requests).toHaveLength(1);
  });

  test.each([
    ['numbers of jobs', '{ jobCounts { total byStatus { status count } } }', 1],
    [
      'the result of a job',
      `{ job(qrn: "${QRN}") { result { shots data measurementCounts { bitstring } } } }`,
      2,
    ],
    ['a device', '{ device(qrn: "a:device") { name queueDepth avgQueueTime pricing { perShot } } }', 1],
  ])('serves for %s, too', async (_, query, requests) => {
    const { a, b, upstream } = await openFleet([aJob(QRN, { status: 'COMPLETED', cost: 1 })]);
    const answer = await a.query(query);
    expect(answer.errors).toBeUndefined();
    expect(await b.query(query)).toEqual(answer);
    expect(upstream.requests).toHaveLength(requests);
  });

  test('is read at the same time by both of them with one request', async () => {
    const { a, b, upstream } = await openFleet();
    const answers = await Promise.all([a.query(JOB), b.query(JOB)]);
    expect(answers.map(statusOf)).toEqual(['RUNNING', 'RUNNING']);
    expect(upstream.requests).toHaveLength(1);
  });

  test('replaces what another one would have shown', async () => {
    const { a, b, lists, clock } = await openFleet();
    await a.query(JOB);
    await b.query(JOB);
    lists['alice-key'] = [aJob(QRN, { status: 'COMPLETED' })];
    clock.advance(1000);
    const anew = { headers: { 'cache-control': 'no-cache' } };
    expect(statusOf(await a.query(JOB, anew))).toBe('COMPLETED');
    expect(statusOf(await b.query(JOB))).toBe('COMPLETED');
  });

  test('replaces it also where the bell was not heard but the connection is known to be lost', async () => {
    const { a, b, lists, clock, server } = await openFleet();
    await a.query(JOB);
    await b.query(JOB);
    lists['alice-key'] = [aJob(QRN, { status: 'COMPLETED' })];
    server.stop();
    server.start();
    await passTime({ clock }, 1500);
    await a.query(JOB, { headers: { 'cache-control': 'no-cache' } });
    expect(statusOf(await b.query(JOB))).toBe('COMPLETED');
  });

  test('is shown by one that had known the key before anybody read with it, and has not heard the bell yet', async () => {
    const { a, b, upstream, server } = await openFleet();
    await b.query('{ rateLimit { used } }');
    server.dropBells(() => true);
    expect(await a.query(JOB)).toEqual(await b.query(JOB));
    expect(upstream.requests).toHaveLength(1);
  });

  test('is not enough for an operation that wants nothing from the cache', async () => {
    const { a, b, upstream, clock } = await openFleet();
    await a.query(JOB);
    clock.advance(10);
    await b.query(JOB, { headers: { 'cache-control': 'no-cache' } });
    expect(upstream.requests).toHaveLength(2);
  });

  test.each([
    ['before', [0, 1]],
    ['after', [1, 0]],
  ])(
    'stands everywhere if upstream changed it last, also if it came %s what was asked for later',
    async (_, order) => {
      const states = ['QUEUED', 'COMPLETED', 'RUNNING'].map((status, index) =>
        aJob(QRN, { status, updatedAt: `2026-02-0${[1, 3, 2][index]}T00:00:00Z` }),
      );
      const answers: (() => void)[] = [];
      const script: UpstreamScript = ({ path }) => {
        if (path.startsWith('/jobs?')) return pageOf([states[0]], new URLSearchParams());
        return new Promise((resolve) => {
          const data = states[answers.length + 1];
          answers.push(() => resolve({ body: { success: true, data } }));
        });
      };
      const { replicas, clock, upstream } = await createTestFleet(script, { size: 3 });
      const [a, b] = replicas as [TestGateway, TestGateway];
      const anew = { headers: { 'cache-control': 'no-cache' } };
      const first = a.query(JOB, anew);
      await upstream.received(1);
      clock.advance(10);
      await b.query(LIST);
      clock.advance(10);
      const readings = [first, b.query(JOB, anew)];
      await upstream.received(3);
      for (const index of order) {
        clock.advance(10);
        answers[index]?.();
        await readings[index];
      }
      for (const replica of replicas) expect(statusOf(await replica.query(JOB))).toBe('COMPLETED');
      expect(upstream.requests).toHaveLength(3);
    },
  );

  test('is read again once it is no longer fresh, by whoever is asked', async () => {
    const { a, b, upstream, clock } = await openFleet();
    await a.query(JOB);
    clock.advance(3000);
    await b.query(JOB);
    await a.query(JOB);
    expect(upstream.requests).toHaveLength(2);
  });

  test('is a refusal, too', async () => {
    const { a, b, upstream } = await openFleet([]);
    const answers = [await a.query(JOB), await b.query(JOB)];
    expect(answers.map(({ errors }) => errors?.[0]?.extensions.code)).toEqual(['NOT_FOUND', 'NOT_FOUND']);
    expect(upstream.requests).toHaveLength(1);
  });

  test('is shown by a replica that was the first to hear of the key, also where it misses the bell', async () => {
    const { a, b, server, upstream } = await openFleet();
    await a.query('{ rateLimit { used } }');
    server.dropBells(() => true);
    await b.query(JOB);
    await a.query('{ job(qrn: "other:1") { status } }');
    expect(statusOf(await a.query(JOB))).toBe('RUNNING');
    expect(upstream.requests).toHaveLength(2);
  });

  test('is of one key, and is not shown to another one', async () => {
    const { a, b, upstream } = await openFleet();
    await a.query(JOB);
    const { errors } = await b.query(JOB, { key: 'bob-key' });
    expect(errors?.[0]?.extensions.code).toBe('UNAUTHENTICATED');
    expect(upstream.requests.map(({ key }) => key)).toEqual(['alice-key', 'bob-key']);
  });

  test('has the same time wherever it is shown', async () => {
    const { a, b, clock } = await openFleet();
    const query = `{ job(qrn: "${QRN}") { fetchedAt } }`;
    const first = await a.query(query);
    clock.advance(500);
    expect(await b.query(query)).toEqual(first);
  });

  test('lets a page go on behind a cursor of another one', async () => {
    const { a, b, upstream } = await openFleet(someJobs(30));
    const query =
      'query ($after: String) { jobs(first: 10, after: $after) { nodes { qrn } pageInfo { endCursor } } }';
    const first = await a.query(query);
    const after = first.data.jobs.pageInfo.endCursor;
    const second = await b.query(query, { variables: { after } });
    const seen = [...first.data.jobs.nodes, ...second.data.jobs.nodes].map(({ qrn }) => qrn);
    expect(seen).toEqual(
      someJobs(30)
        .map(({ jobQrn }) => jobQrn)
        .slice(0, 20),
    );
    expect(upstream.requests.length).toBeLessThanOrEqual(2);
  });

  test('tells which key sees a job', async () => {
    const lists: JobLists = { 'alice-key': [aJob('a:1')], 'bob-key': [aJob('b:1')] };
    const { replicas, upstream } = await createTestFleet(jobService(lists));
    const keys = 'alice=alice-key, bob=bob-key';
    await replicas[0]?.query('{ jobs(first: 10) { nodes { qrn } } }', { keys });
    await replicas[1]?.query('{ job(qrn: "b:1") { status } }', { keys });
    expect(upstream.requests).toHaveLength(2);
  });
});

describe('a job that one replica has cancelled', () => {
  const cancel = `mutation { cancelJob(input: { qrn: "${QRN}" }) { clientMutationId } }`;

  /** Two replicas that have read the job, which is being cancelled from the first POST on, whatever upstream answers to that. */
  async function openCancelling(answer: UpstreamBehaviour, listed?: RawJob) {
    const lists: JobLists = { 'alice-key': [aJob(QRN)] };
    const script = overriding(jobService(lists), ({ method, path }) => {
      if (method === 'POST') {
        lists['alice-key'] = [aJob(QRN, { status: 'CANCELLING' })];
        return answer;
      }
      return listed && path.startsWith('/jobs?')
        ? pageOf([listed], new URLSearchParams({ limit: '50' }))
        : undefined;
    });
    const fleet = await createTestFleet(script, { environment: { ENABLE_MUTATIONS: 'true' } });
    const [a, b] = fleet.replicas as [TestGateway, TestGateway];
    expect(statusOf(await b.query(JOB))).toBe('RUNNING');
    await b.query(LIST);
    return { ...fleet, a, b };
  }

  const accepted = { status: 202, body: { message: 'Cancelling', jobQrn: QRN, status: 'CANCELLING' } };

  test.each<[what: string, answer: UpstreamBehaviour]>([
    ['', accepted],
    [', also where upstream hung up', 'reset'],
    [', also where upstream failed', { status: 503 }],
    [', also where upstream said what cannot be read', { status: 202, body: '<html>' }],
  ])('no other replica shows as it was%s', async (_, answer) => {
    const { a, b } = await openCancelling(answer);
    await a.query(cancel);
    expect((await b.query(LIST)).data.jobs.nodes[0].status).toBe('CANCELLING');
    expect(statusOf(await b.query(JOB))).toBe('CANCELLING');
  });

  test('no other replica shows as a list has it that lags behind', async () => {
    const { a, b } = await openCancelling(accepted, aJob(QRN));
    await a.query(cancel);
    expect((await b.query(LIST)).data.jobs.nodes[0].status).toBe('CANCELLING');
  });

  test('says nothing good of upstream to other replicas where nobody knows whether it was', async () => {
    const { a, b, upstream } = await openCancelling('reset');
    await a.query(cancel);
    const { errors } = await b.query(cancel);
    expect(errors?.[0]?.extensions.code).toBe('UPSTREAM_UNAVAILABLE');
    expect(upstream.requests.filter(({ method }) => method === 'POST')).toHaveLength(1);
  });
});

describe('a key', () => {
  test('that is refused at one replica is shown nothing at another one', async () => {
    const { a, b, lists, upstream } = await openFleet();
    await a.query(JOB);
    await b.query(JOB);
    delete lists['alice-key'];
    await a.query(JOB, { headers: { 'cache-control': 'no-cache' } });
    const { data, errors } = await b.query(JOB);
    expect(data.job).toBeNull();
    expect(errors?.[0]?.extensions.code).toBe('UNAUTHENTICATED');
    expect(upstream.requests).toHaveLength(2);
  });

  test('that is refused while the server is gone is shown nothing anywhere once it is back', async () => {
    const { a, b, lists, server, clock } = await openFleet([aJob(QRN, { status: 'COMPLETED', cost: 1 })]);
    await a.query(JOB);
    await b.query(JOB);
    server.stop();
    delete lists['alice-key'];
    await a.query(JOB, { headers: { 'cache-control': 'no-cache' } });
    server.start();
    await passTime({ clock }, 2000);
    for (const replica of [a, b]) expect(statusOf(await replica.query(JOB))).toBeNull();
    await passTime({ clock }, 20_000);
    for (const replica of [a, b]) expect(statusOf(await replica.query(JOB))).toBeNull();
  });

  test('that is refused is shown nothing anywhere where the server comes back with what it held before', async () => {
    const { a, b, lists, server, clock } = await openFleet([aJob(QRN, { status: 'COMPLETED', cost: 1 })]);
    await a.query(JOB);
    await b.query(JOB);
    const restore = server.save();
    delete lists['alice-key'];
    await a.query(JOB, { headers: { 'cache-control': 'no-cache' } });
    server.stop();
    restore();
    server.start();
    await passTimeCallByCall({ clock }, 8000);
    for (const replica of [a, b]) expect(statusOf(await replica.query(JOB))).toBeNull();
  });

  test('that is refused to a replica which knew nothing of it while the server was gone is shown nothing anywhere', async () => {
    const { a, b, lists, server, clock } = await openFleet([aJob(QRN, { status: 'COMPLETED', cost: 1 })]);
    expect(statusOf(await b.query(JOB))).toBe('COMPLETED');
    server.stop();
    delete lists['alice-key'];
    expect(statusOf(await a.query(JOB))).toBeNull();
    server.start();
    await passTime({ clock }, 2000);
    for (const replica of [b, a]) expect(statusOf(await replica.query(JOB))).toBeNull();
    await passTime({ clock }, 20_000);
    for (const replica of [b, a]) expect(statusOf(await replica.query(JOB))).toBeNull();
  });

  test('that is refused is tried again after ten seconds, by one of them', async () => {
    const { a, b, lists, upstream, clock } = await openFleet();
    const jobs = lists['alice-key'] ?? [];
    delete lists['alice-key'];
    await a.query(JOB);
    await b.query(JOB);
    lists['alice-key'] = jobs;
    await passTime({ clock }, 10_001);
    expect(statusOf(await b.query(JOB))).toBe('RUNNING');
    expect(statusOf(await a.query(JOB))).toBe('RUNNING');
    expect(upstream.requests).toHaveLength(2);
  });

  test('that is held at one replica sends nothing from another one', async () => {
    let isHeld = false;
    const service = jobService({ 'alice-key': [aJob(QRN)] });
    const script = overriding(service, () =>
      isHeld ? refusal(429, 'Too many requests', { 'retry-after': '30' }) : undefined,
    );
    const { replicas, upstream, clock } = await createTestFleet(script);
    const [a, b] = replicas as [TestGateway, TestGateway];
    await a.query(JOB);
    isHeld = true;
    clock.advance(3000);
    await a.query('{ job(qrn: "other:1") { status } }');
    const { errors } = await b.query('{ job(qrn: "third:1") { status } }');
    expect(errors?.[0]?.extensions.code).toBe('RATE_LIMITED');
    expect(upstream.requests).toHaveLength(2);
  });

  test('has one budget, which every replica tells', async () => {
    const { a, b } = await openFleet(someJobs(3));
    for (const qrn of ['x:1', 'x:2', 'x:3']) await a.query(`{ job(qrn: "${qrn}") { qrn } }`);
    const { data } = await b.query('{ rateLimit { used remaining limit } }');
    expect(data.rateLimit).toEqual([{ used: 3, remaining: 897, limit: 900 }]);
  });

  test('never has more requests sent than its budget, whoever is asked', async () => {
    const { replicas, upstream } = await openFleet([], {
      size: 4,
      environment: { RATE_LIMIT_REQUESTS: '40' },
    });
    for (let index = 0; index < 100; index += 1) {
      await replicas[index % 4]?.query(`{ job(qrn: "x:${index}") { qrn } }`);
    }
    expect(upstream.requests.length).toBeLessThanOrEqual(36);
    expect(upstream.requests.length).toBeGreaterThanOrEqual(32);
  });
});

describe('a failure', () => {
  const failing = () => refusal(503, 'Down');

  test('is heard by those who wait for the request at another replica', async () => {
    const { replicas, upstream } = await createTestFleet(failing);
    const answers = await Promise.all(replicas.map((replica) => replica.query(JOB)));
    expect(answers.map(({ errors }) => errors?.[0]?.extensions.code)).toEqual([
      'UPSTREAM_UNAVAILABLE',
      'UPSTREAM_UNAVAILABLE',
    ]);
    expect(upstream.requests).toHaveLength(1);
  });

  test('is not tried again at once by another replica that has used the key', async () => {
    const { replicas, upstream } = await createTestFleet(failing);
    for (const replica of replicas) await replica.query('{ rateLimit { used } }');
    for (const replica of replicas) await replica.query(JOB);
    expect(upstream.requests).toHaveLength(1);
  });
});

test('a dead key is tried ever more rarely by all replicas together', async () => {
  const { replicas, upstream, clock } = await createTestFleet(() => refusal(401, 'Authentication required'));
  for (let turn = 0; turn < 75; turn += 1) {
    const { errors } = (await replicas[turn % replicas.length]?.query(JOB)) ?? {};
    expect(errors?.[0]?.extensions.code).toBe('UNAUTHENTICATED');
    await passTime({ clock }, 2000);
  }
  // At 0, 10, 30 and 70 s.
  expect(upstream.requests).toHaveLength(4);
});

describe('where the server is', () => {
  test('gone, every replica goes on by itself', async () => {
    const { a, b, upstream, server } = await openFleet();
    await a.query(JOB);
    server.stop();
    expect(statusOf(await b.query(JOB))).toBe('RUNNING');
    expect(upstream.requests).toHaveLength(2);
  });

  test('gone while a key is refused at one replica, none shows anything of the key once it is back', async () => {
    const { a, b, lists, server, clock } = await openFleet([aJob(QRN, { status: 'COMPLETED', cost: 1 })]);
    await a.query(JOB);
    await b.query(JOB);
    server.stop();
    delete lists['alice-key'];
    const { errors } = await a.query(JOB, { headers: { 'cache-control': 'no-cache' } });
    expect(errors?.[0]?.extensions.code).toBe('UNAUTHENTICATED');
    expect(statusOf(await b.query(JOB))).toBe('COMPLETED');
    server.start();
    await passTime({ clock }, 2000);
    expect([statusOf(await a.query(JOB)), statusOf(await b.query(JOB))]).toEqual([null, null]);
    await passTime({ clock }, 10_000);
    expect([statusOf(await a.query(JOB)), statusOf(await b.query(JOB))]).toEqual([null, null]);
  });

  test('slow while a key is refused, none shows anything of the key once it is quick again', async () => {
    const service = jobService({ 'alice-key': [aJob(QRN, { status: 'COMPLETED', cost: 1 })] });
    let isRefused = false;
    let refusedAtMs = 0;
    const { replicas, server, clock } = await createTestFleet((request) => {
      if (!isRefused) return service(request);
      if (clock.now() === refusedAtMs) server.latencyMs = 1000;
      return refusal(401, 'Authentication required');
    });
    const [a, b] = replicas as [TestGateway, TestGateway];
    for (const replica of replicas) expect(statusOf(await replica.query(JOB))).toBe('COMPLETED');
    isRefused = true;
    clock.advance(10);
    refusedAtMs = clock.now();
    const answer = a.query(JOB, { headers: { 'cache-control': 'no-cache' } });
    await settled({ clock });
    await passTime({ clock }, 100);
    expect((await answer).errors?.[0]?.extensions.code).toBe('UNAUTHENTICATED');
    server.latencyMs = 0;
    await passTime({ clock }, 15_000);
    expect([statusOf(await b.query(JOB)), statusOf(await a.query(JOB))]).toEqual([null, null]);
  });

  test('gone before anybody has used a key, all replicas use it once it is back', async () => {
    const { a, b, server, clock, upstream } = await openFleet();
    server.stop();
    await a.query(JOB);
    server.start();
    await passTimeCallByCall({ clock }, 2500);
    for (const replica of [b, a]) expect(statusOf(await replica.query(JOB))).toBe('RUNNING');
    expect(upstream.requests).toHaveLength(2);
  });

  test('gone, all replicas together send no more than the rest of the budget', async () => {
    const { replicas, upstream, server, clock } = await openFleet([], {
      size: 4,
      environment: { RATE_LIMIT_REQUESTS: '200' },
    });
    for (let index = 0; index < 200; index += 1) {
      await replicas[index % 4]?.query(`{ job(qrn: "x:${index}") { qrn } }`);
    }
    server.stop();
    for (let index = 0; index < 50; index += 1) {
      await replicas[index % 4]?.query(`{ job(qrn: "y:${index}") { qrn } }`);
    }
    server.start();
    await passTime({ clock }, 2000);
    for (let index = 0; index < 50; index += 1) {
      await replicas[index % 4]?.query(`{ job(qrn: "z:${index}") { qrn } }`);
    }
    expect(upstream.requests.length).toBeLessThanOrEqual(200);
    expect(upstream.requests.length).toBeGreaterThan(160);
  });

  test('emptied, the budget is kept', async () => {
    const { replicas, upstream, server, clock } = await openFleet([], {
      size: 4,
      environment: { RATE_LIMIT_REQUESTS: '40' },
    });
    for (let index = 0; index < 60; index += 1) {
      await replicas[index % 4]?.query(`{ job(qrn: "x:${index}") { qrn } }`);
    }
    server.empty();
    await passTime({ clock }, 10_000);
    for (let index = 0; index < 60; index += 1) {
      await replicas[index % 4]?.query(`{ job(qrn: "y:${index}") { qrn } }`);
    }
    expect(upstream.requests.length).toBeLessThanOrEqual(40);
  });

  test('emptied, the budget is kept also by replicas that have not used the key, and have not looked since', async () => {
    const { replicas, upstream, server, clock } = await openFleet([], {
      size: 4,
      environment: { RATE_LIMIT_REQUESTS: '40' },
    });
    for (let index = 0; index < 30; index += 1)
      await replicas[0]?.query(`{ job(qrn: "x:${index}") { qrn } }`);
    server.empty();
    for (let turn = 0; turn < 2; turn += 1) {
      for (let index = 0; index < 60; index += 1)
        await replicas[1 + (index % 3)]?.query(`{ job(qrn: "y:${turn} ${index}") { qrn } }`);
      await passTimeCallByCall({ clock }, 8000);
    }
    expect(upstream.requests.length).toBeLessThanOrEqual(40);
  });

  test('emptied, what was cached is still shown until it is used again, and then read once more', async () => {
    const { a, server, clock, upstream } = await openFleet([aJob(QRN, { status: 'COMPLETED', cost: 1 })]);
    await a.query(JOB);
    server.empty();
    await passTime({ clock }, 3000);
    expect(statusOf(await a.query(JOB))).toBe('COMPLETED');
    await passTime({ clock }, 10_000);
    expect(statusOf(await a.query(JOB))).toBe('COMPLETED');
    expect(upstream.requests).toHaveLength(2);
  });

  test('full, replicas share what is small', async () => {
    const { a, b, server, upstream } = await openFleet();
    server.full = true;
    for (const replica of [a, b]) expect(statusOf(await replica.query(JOB))).toBe('RUNNING');
    expect(upstream.requests).toHaveLength(1);
  });

  test('full, each replica reads for itself what is large, and shows nothing older than the others', async () => {
    const name = randomBytes(50_000).toString('hex');
    const { a, b, server, upstream, lists, clock } = await openFleet([aJob(QRN, { status: 'HOLD' })]);
    for (const replica of [a, b]) expect(statusOf(await replica.query(JOB))).toBe('HOLD');
    server.full = true;
    clock.advance(10);
    lists['alice-key'] = [aJob(QRN, { status: 'RUNNING', name })];
    expect(statusOf(await a.query(JOB, { headers: { 'cache-control': 'no-cache' } }))).toBe('RUNNING');
    for (const replica of [b, b]) expect(statusOf(await replica.query(JOB))).toBe('RUNNING');
    expect(upstream.requests).toHaveLength(3);
  });

  test.each<[string, (server: FakeFleetServer) => () => void]>([
    [
      'gone while one replica read by itself',
      (server) => {
        server.stop();
        return () => server.start();
      },
    ],
    [
      'started anew, and one replica had not heard of all',
      (server) => {
        server.dropBells(() => true);
        return () => {
          server.stop();
          server.empty();
          server.start();
        };
      },
    ],
    [
      'started from a snapshot, and one replica had not heard of all',
      (server) => {
        const restore = server.save();
        server.dropBells(() => true);
        return () => {
          server.stop();
          restore();
          server.start();
        };
      },
    ],
  ])('%s, no replica shows anything older than that afterwards', async (_, begin) => {
    const { a, b, lists, server, clock, upstream } = await openFleet([aJob(QRN, { status: 'HOLD' })]);
    for (const replica of [a, b]) expect(statusOf(await replica.query(JOB))).toBe('HOLD');
    clock.advance(10);
    const end = begin(server);
    lists['alice-key'] = [aJob(QRN, { status: 'COMPLETED', cost: 1 })];
    expect(statusOf(await a.query(JOB, { headers: { 'cache-control': 'no-cache' } }))).toBe('COMPLETED');
    end();
    await passTimeCallByCall({ clock }, 8000);
    expect(statusOf(await b.query(JOB))).toBe('COMPLETED');
    expect(statusOf(await a.query(JOB))).toBe('COMPLETED');
    expect(upstream.requests).toHaveLength(3);
  });

  test('slow, an operation waits no longer than a tenth of a second for it', async () => {
    const { a, b, server, clock } = await openFleet();
    await a.query(JOB);
    server.latencyMs = 1_000_000;
    const answer = b.query(JOB);
    await settled({ clock });
    await passTime({ clock }, 100);
    expect(statusOf(await answer)).toBe('RUNNING');
  });
});

describe('a secret', () => {
  test('can be replaced one replica after the other', async () => {
    const [old, young] = ['the old secret of thirty-two letters', 'the new secret of thirty-two letters'];
    const { a, b, upstream } = await openFleet(undefined, {
      secretsOf: (replica) => (replica === 0 ? [old, young] : [young, old]),
    });
    for (const replica of [a, b]) expect(statusOf(await replica.query(JOB))).toBe('RUNNING');
    expect(upstream.requests).toHaveLength(1);
  });

  test('that another replica does not know keeps readings from it, and shares the budget', async () => {
    const { a, b, upstream } = await openFleet(undefined, {
      secretsOf: (replica) => [`the secret of replica ${replica} alone, long enough`],
    });
    for (const replica of [a, b]) expect(statusOf(await replica.query(JOB))).toBe('RUNNING');
    expect(upstream.requests).toHaveLength(2);
    const { data } = await a.query('{ rateLimit { used } }');
    expect(data.rateLimit).toEqual([{ used: 2 }]);
  });
});

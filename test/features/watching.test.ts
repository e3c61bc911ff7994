import { describe, expect, test } from 'vitest';
import { createTestGateway, type TestGateway } from '../support/create-test-gateway.ts';
import { type EventStream, openStream } from '../support/event-stream.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { aJob, type RawJob, someJobs } from '../support/job-builder.ts';
import { type JobLists, jobService, overriding, refusal } from '../support/job-service.ts';
import { passTimeCallByCall, settled } from '../support/pass-time.ts';
import type { UpstreamBehaviour, UpstreamScript } from '../support/scripted-upstream.ts';

const JOBS = 'subscription ($qrns: [String!]!) { jobUpdated(qrns: $qrns) { qrn status } }';
const LIST = 'subscription { jobsChanged { nodes { qrn status } } }';
const INTERVAL_MS = 2000;
const QRN = 'qbraid:job:0';

/** A gateway over these lists that notes when it asked. */
async function watchedService(
  lists: JobLists,
  environment: Readonly<Record<string, string>> = {},
  alter = (script: UpstreamScript) => script,
) {
  const clock = createFakeClock();
  const startMs = clock.now();
  const askedAtMs: number[] = [];
  const script = alter(jobService(lists));
  const gateway = await createTestGateway(
    (request) => {
      askedAtMs.push(clock.now() - startMs);
      return script(request);
    },
    { STREAM_UNREAD_TIMEOUT_MS: '3600000', ...environment },
    clock,
  );
  return { ...gateway, askedAtMs, run: (ms: number) => passTimeCallByCall(gateway, ms) };
}

/** Streams over jobs, with the present state of each already read. */
async function openStreams(gateway: Pick<TestGateway, 'subscribe'>, count: number, qrns: readonly string[]) {
  return Promise.all(
    Array.from({ length: count }, async () => {
      const stream = await openStream(gateway, JOBS, { variables: { qrns } });
      for (const _ of qrns) await stream.next();
      return stream;
    }),
  );
}

const namesOf = (jobs: readonly RawJob[]) => jobs.map(({ jobQrn }) => jobQrn);
const cutAll = (streams: readonly EventStream[]) => {
  for (const stream of streams) stream.cut();
};
const gapsOf = (times: readonly number[]) => times.slice(1).map((time, index) => time - (times[index] ?? 0));

describe('many who watch the same', () => {
  test('50 jobs 10 times cost one list request a poll', async () => {
    const jobs = someJobs(50);
    const gateway = await watchedService({ 'alice-key': jobs });
    const streams = await openStreams(gateway, 10, namesOf(jobs));
    expect(gateway.upstream.requests).toHaveLength(1);
    await gateway.run(10_000);
    expect(gateway.upstream.requests).toHaveLength(6);
    expect(new Set(gateway.upstream.requests.map(({ path }) => path))).toEqual(
      new Set(['/jobs?page=1&limit=100']),
    );
    jobs[7] = aJob('qbraid:job:7', { status: 'QUEUED' });
    await gateway.run(INTERVAL_MS);
    const answers = await Promise.all(streams.map((stream) => stream.next()));
    expect(answers).toEqual(
      Array(10).fill({ data: { jobUpdated: { qrn: 'qbraid:job:7', status: 'QUEUED' } } }),
    );
  });

  test('one after the other still cost one list request a poll', async () => {
    const jobs = someJobs(50);
    const gateway = await watchedService({ 'alice-key': jobs });
    for (let count = 0; count < 10; count += 1) {
      await openStreams(gateway, 1, namesOf(jobs));
      await gateway.run(1000);
    }
    expect(gateway.upstream.requests.length).toBeLessThanOrEqual(6);
  });

  test('a list 10 times cost one list request a poll', async () => {
    const gateway = await watchedService({ 'alice-key': someJobs(50) });
    const streams = await Promise.all(Array.from({ length: 10 }, () => openStream(gateway, LIST)));
    await Promise.all(streams.map((stream) => stream.next()));
    await gateway.run(10_000);
    expect(gateway.upstream.requests).toHaveLength(6);
  });

  test('with other keys receive nothing of it', async () => {
    const lists = { 'alice-key': [aJob('a:1')], 'bob-key': [aJob('a:1', { status: 'QUEUED' })] };
    const gateway = await watchedService(lists);
    const options = { variables: { qrns: ['a:1'] } };
    const alice = await openStream(gateway, JOBS, { ...options, key: 'alice-key' });
    const bob = await openStream(gateway, JOBS, { ...options, key: 'bob-key' });
    expect([await alice.next(), await bob.next()].map((answer) => answer?.data.jobUpdated.status)).toEqual([
      'RUNNING',
      'QUEUED',
    ]);
  });

  test('at once, while upstream is down, ask it no more often than one', async () => {
    const jobs = someJobs(50);
    const gateway = await watchedService({ 'alice-key': jobs }, {}, () => () => ({ status: 500 }));
    const streams = await Promise.all(
      Array.from({ length: 20 }, () => openStream(gateway, JOBS, { variables: { qrns: namesOf(jobs) } })),
    );
    const firsts = streams.map((stream) => stream.next());
    await settled(gateway);
    const atFirst = gateway.upstream.requests.length;
    await gateway.run(20_000);
    // A list request, and one job in ten by itself.
    expect(gateway.upstream.requests.length - atFirst).toBeLessThanOrEqual(10 * (1 + 6));
    expect(atFirst).toBeLessThanOrEqual(60);
    cutAll(streams);
    await Promise.all(firsts.map((first) => first.catch(() => null)));
  });
});

describe('jobs that no list holds', () => {
  test('are read one by one, spread over the polls, each in its turn', async () => {
    const jobs = someJobs(50);
    const environment = { RATE_LIMIT_REQUESTS: '10000' };
    const gateway = await watchedService({ 'alice-key': jobs }, environment, unlisted);
    await openStreams(gateway, 1, namesOf(jobs));
    const asked = gateway.upstream.requests.length;
    await gateway.run(10 * INTERVAL_MS);
    const singly = gateway.upstream.requests.slice(asked).filter(({ path }) => !path.includes('?'));
    expect(singly.length).toBeLessThanOrEqual(10 * 6);
    expect(new Set(singly.map(({ path }) => path)).size).toBe(50);
  });

  test('are all sent at once though, up to 60', async () => {
    const jobs = someJobs(60);
    const gateway = await watchedService({ 'alice-key': jobs }, {}, unlisted);
    const [stream] = await openStreams(gateway, 1, namesOf(jobs));
    expect(stream?.comments).toBe(1);
    expect(gateway.clock.now()).toBe(createFakeClock().now());
  });

  test('do not wait behind those that cannot be read', async () => {
    const jobs = someJobs(30);
    const gateway = await watchedService({ 'alice-key': jobs }, {}, (script) =>
      overriding(unlisted(script), ({ path }) =>
        Number(path.split(':')[2] ?? 99) < 20 ? { status: 500 } : undefined,
      ),
    );
    const stream = await openStream(gateway, JOBS, { variables: { qrns: namesOf(jobs) } });
    for (let count = 0; count < 10; count += 1) await stream.next();
    jobs[29] = aJob('qbraid:job:29', { status: 'QUEUED' });
    await gateway.run(10 * INTERVAL_MS);
    expect((await stream.next())?.data.jobUpdated).toEqual({ qrn: 'qbraid:job:29', status: 'QUEUED' });
  });

  function unlisted(script: UpstreamScript): UpstreamScript {
    return overriding(script, ({ path }) =>
      path.includes('?')
        ? {
            body: {
              success: true,
              data: [],
              pagination: {
                page: Number(/page=(\d+)/.exec(path)?.[1]),
                limit: Number(/limit=(\d+)/.exec(path)?.[1]),
                total: 0,
              },
            },
          }
        : undefined,
    );
  }
});

describe('the interval between polls', () => {
  test('is quick for a minute, then ever slower, and quick again after a change', async () => {
    const jobs = someJobs(1);
    const gateway = await watchedService({ 'alice-key': jobs });
    const [stream] = await openStreams(gateway, 1, [QRN]);
    await gateway.run(180_000);
    const gaps = gapsOf(gateway.askedAtMs);
    expect(gaps.slice(0, 30)).toEqual(Array(30).fill(2000));
    expect(gaps.slice(30, 37)).toEqual([3000, 4500, 6750, 10_250, 15_000, 15_000, 15_000].map(closeTo));
    jobs[0] = someJobs(1, '', { status: 'QUEUED' })[0] ?? aJob(QRN);
    const asked = gateway.askedAtMs.length;
    await gateway.run(40_000);
    await stream?.next();
    expect(gapsOf(gateway.askedAtMs.slice(asked)).slice(0, 4)).toEqual([2000, 3000, 4500, 6750].map(closeTo));
  });

  test('is quick for a minute after a new job was added to a list', async () => {
    const jobs = someJobs(3);
    const gateway = await watchedService({ 'alice-key': jobs });
    const stream = await openStream(gateway, LIST);
    await stream.next();
    await gateway.run(180_000);
    jobs.unshift(aJob('a:new', { createdAt: new Date(gateway.clock.now()).toISOString() }));
    const asked = gateway.askedAtMs.length;
    await gateway.run(60_000);
    await stream.next();
    const gaps = gapsOf(gateway.askedAtMs.slice(asked));
    expect(gaps.length).toBeGreaterThan(20);
    expect(new Set(gaps)).toEqual(new Set([2000]));
  });

  test.each([
    ['back', -3_600_000],
    ['forward', 3_600_000],
  ])('is as short after the wall clock was set %s by an hour', async (_, stepMs) => {
    const jobs = someJobs(3);
    const gateway = await watchedService({ 'alice-key': jobs });
    const stream = await openStream(gateway, LIST);
    await stream.next();
    await gateway.run(180_000);
    gateway.clock.stepWallClock(stepMs);
    jobs.unshift(aJob('a:new', { createdAt: gateway.clock.date().toISOString() }));
    const asked = gateway.askedAtMs.length;
    await gateway.run(60_000);
    expect((await stream.next())?.data.jobsChanged.nodes).toHaveLength(4);
    expect(new Set(gapsOf(gateway.askedAtMs.slice(asked)))).toEqual(new Set([2000]));
  });

  test('grows while only old jobs change, after the wall clock was set forward by an hour', async () => {
    const jobs = someJobs(1);
    const gateway = await watchedService({ 'alice-key': jobs });
    const [stream] = await openStreams(gateway, 1, [QRN]);
    await gateway.run(180_000);
    gateway.clock.stepWallClock(3_600_000);
    jobs[0] = aJob(QRN, { createdAt: new Date(gateway.clock.date().getTime() - 120_000), status: 'QUEUED' });
    const asked = gateway.askedAtMs.length;
    await gateway.run(40_000);
    expect((await stream?.next())?.data.jobUpdated.status).toBe('QUEUED');
    expect(gapsOf(gateway.askedAtMs.slice(asked)).slice(0, 4)).toEqual([2000, 3000, 4500, 6750].map(closeTo));
  });

  test('keeps within the budget of its key', async () => {
    const jobs = [aJob(QRN)];
    const gateway = await watchedService({ 'alice-key': jobs }, { RATE_LIMIT_REQUESTS: '100' });
    const [stream] = await openStreams(gateway, 1, [QRN]);
    for (let minute = 0; minute < 30; minute += 1) {
      jobs[0] = aJob(QRN, { queuePosition: minute });
      await gateway.run(60_000);
      await stream?.next();
    }
    const perWindow = gateway.askedAtMs.filter((time) => time < 900_000).length;
    expect(perWindow).toBeLessThanOrEqual(90);
    // It slows down, and does not stop.
    expect(Math.max(...gapsOf(gateway.askedAtMs))).toBeLessThan(60_000);
  });

  test('waits out a 429', async () => {
    const limit = { isReached: false };
    const gateway = await watchedService({ 'alice-key': [aJob(QRN)] }, {}, (script) =>
      overriding(script, () =>
        limit.isReached ? refusal(429, 'Slow down.', { 'retry-after': '30' }) : undefined,
      ),
    );
    await openStreams(gateway, 1, [QRN]);
    limit.isReached = true;
    await gateway.run(INTERVAL_MS);
    limit.isReached = false;
    await gateway.run(40_000);
    expect(gateway.askedAtMs.slice(0, 4)).toEqual([0, 2000, 32_000, 34_000]);
  });

  test('has a length of its own, whatever counts as fresh', async () => {
    const environment = { WATCH_MIN_INTERVAL_MS: '500', FRESH_ACTIVE_MS: '5000' };
    const gateway = await watchedService({ 'alice-key': [aJob(QRN)] }, environment);
    await openStreams(gateway, 1, [QRN]);
    await gateway.run(2000);
    expect(gateway.askedAtMs).toEqual([0, 500, 1000, 1500, 2000]);
  });

  test('takes what somebody else has read just now', async () => {
    const gateway = await watchedService({ 'alice-key': [aJob(QRN)] }, { FRESH_ACTIVE_MS: '0' });
    await openStreams(gateway, 1, [QRN]);
    await gateway.run(1500);
    await gateway.query(`{ job(qrn: "${QRN}") { qrn } }`);
    await gateway.run(500);
    expect(gateway.askedAtMs).toEqual([0, 1500, 2000]);
  });

  const closeTo = (ms: number) => expect.closeTo(ms, -3);
});

describe('when the last one has left', () => {
  test.each([
    ['jobs', JOBS],
    ['a list', LIST],
  ])('nobody asks for %s any more, and no timer remains', async (_, query) => {
    const gateway = await watchedService({ 'alice-key': someJobs(3) });
    const pending = gateway.clock.pending;
    const variables = { qrns: namesOf(someJobs(3)) };
    const streams = [
      await openStream(gateway, query, { variables }),
      await openStream(gateway, query, { variables }),
    ];
    for (const stream of streams) await stream.next();
    await gateway.run(INTERVAL_MS);
    streams[0]?.cut();
    const asked = gateway.upstream.requests.length;
    await gateway.run(INTERVAL_MS);
    expect(gateway.upstream.requests).toHaveLength(asked + 1);
    streams[1]?.cut();
    await settled(gateway);
    expect(gateway.clock.pending).toBe(pending);
    await gateway.run(60_000);
    expect(gateway.upstream.requests).toHaveLength(asked + 1);
  });

  test('the request under way for him is given up', async () => {
    const outage = { isOn: false };
    const gateway = await watchedService({ 'alice-key': someJobs(3) }, {}, (script) =>
      overriding(script, () => (outage.isOn ? 'hang' : undefined)),
    );
    const streams = await openStreams(gateway, 2, namesOf(someJobs(3)));
    outage.isOn = true;
    gateway.clock.advance(INTERVAL_MS);
    await gateway.upstream.received(2);
    cutAll(streams);
    await gateway.upstream.abandoned(1);
    await settled(gateway);
    expect(gateway.clock.pending).toBe(0);
  });

  test('who never read a word of it, nothing was asked at all', async () => {
    const gateway = await watchedService({ 'alice-key': someJobs(3) });
    const stream = await openStream(gateway, JOBS, { variables: { qrns: [QRN] } });
    stream.cut();
    await settled(gateway);
    expect(gateway.clock.pending).toBe(0);
  });

  test('nothing of 100 streams remains', async () => {
    const gateway = await watchedService({ 'alice-key': someJobs(3) });
    for (let round = 0; round < 5; round += 1) {
      const streams = await openStreams(gateway, 20, namesOf(someJobs(3)));
      await gateway.run(INTERVAL_MS);
      cutAll(streams);
      await settled(gateway);
      expect(gateway.clock.pending).toBe(0);
    }
    const asked = gateway.upstream.requests.length;
    await gateway.run(60_000);
    expect(gateway.upstream.requests).toHaveLength(asked);
  });

  test('another one finds everything as it was', async () => {
    const gateway = await watchedService({ 'alice-key': someJobs(3) });
    for (let count = 0; count < 3; count += 1) {
      cutAll(await openStreams(gateway, 1, namesOf(someJobs(3))));
      await gateway.run(10_000);
    }
    expect(gateway.upstream.requests).toHaveLength(3);
  });
});

describe('a slow reader', () => {
  test('misses what came between, but not the last, and holds up nobody', async () => {
    const jobs = [aJob(QRN)];
    const gateway = await watchedService({ 'alice-key': jobs });
    const [slow, quick] = await openStreams(gateway, 2, [QRN]);
    const seen: unknown[] = [];
    for (let position = 99; position >= 0; position -= 1) {
      jobs[0] = aJob(QRN, { status: position === 0 ? 'COMPLETED' : 'QUEUED', cost: 1, name: `${position}` });
      await gateway.run(INTERVAL_MS);
      seen.push((await quick?.next())?.data.jobUpdated.status);
    }
    const late = await slow?.rest();
    expect(seen).toEqual([...Array(99).fill('QUEUED'), 'COMPLETED']);
    expect(late?.length).toBeLessThanOrEqual(3);
    expect(late?.at(-1)?.data.jobUpdated).toEqual({ qrn: QRN, status: 'COMPLETED' });
    expect(gateway.clock.pending).toBe(0);
  });

  test('gets no signs of life to make up for', async () => {
    const gateway = await watchedService({ 'alice-key': [aJob(QRN)] });
    const [stream] = await openStreams(gateway, 1, [QRN]);
    await gateway.run(600_000);
    stream?.cut();
    expect(stream?.comments).toBeLessThanOrEqual(3);
  });
});

describe('at the same time', () => {
  test('one who comes during a poll receives it, without another', async () => {
    let release = () => {};
    const hold = { isOn: false };
    const gateway = await watchedService({ 'alice-key': [aJob(QRN)] }, {}, (script) => async (request) => {
      if (hold.isOn) await new Promise<void>((resolve) => (release = resolve));
      return script(request);
    });
    await openStreams(gateway, 1, [QRN]);
    hold.isOn = true;
    gateway.clock.advance(INTERVAL_MS);
    await gateway.upstream.received(2);
    const late = await openStream(gateway, JOBS, { variables: { qrns: [QRN] } });
    const first = late.next();
    release();
    expect((await first)?.data.jobUpdated).toEqual({ qrn: QRN, status: 'RUNNING' });
    expect(gateway.upstream.requests).toHaveLength(2);
  });

  test('one who comes and finds something newer lets those who were there know', async () => {
    const jobs = [aJob(QRN)];
    const gateway = await watchedService({ 'alice-key': jobs });
    const [early] = await openStreams(gateway, 1, [QRN]);
    await gateway.run(120_000);
    const asked = gateway.upstream.requests.length;
    jobs[0] = aJob(QRN, { status: 'QUEUED' });
    await gateway.run(3000);
    expect(gateway.upstream.requests).toHaveLength(asked);
    const [late] = await openStreams(gateway, 1, [QRN]);
    expect((await early?.next())?.data.jobUpdated.status).toBe('QUEUED');
    jobs[0] = aJob(QRN, { status: 'VALIDATING' });
    await gateway.run(INTERVAL_MS);
    expect((await late?.next())?.data.jobUpdated.status).toBe('VALIDATING');
  });

  test('all who share a job that ends receive that, though the first leaves then', async () => {
    const jobs = [aJob(QRN), aJob('a:other')];
    const gateway = await watchedService({ 'alice-key': jobs });
    const streams = await openStreams(gateway, 5, [QRN]);
    jobs[0] = aJob(QRN, { status: 'COMPLETED', cost: 1 });
    await gateway.run(INTERVAL_MS);
    const rests = await Promise.all(streams.map((stream) => stream.rest()));
    expect(rests).toEqual(Array(5).fill([{ data: { jobUpdated: { qrn: QRN, status: 'COMPLETED' } } }]));
    expect(gateway.clock.pending).toBe(0);
  });

  test('the reading of a query between two polls is sent at the next one', async () => {
    const jobs = [aJob(QRN)];
    const gateway = await watchedService({ 'alice-key': jobs }, { FRESH_ACTIVE_MS: '0' });
    const [stream] = await openStreams(gateway, 1, [QRN]);
    jobs[0] = aJob(QRN, { status: 'QUEUED' });
    await gateway.run(1500);
    await gateway.query(`{ job(qrn: "${QRN}") { qrn } }`);
    await gateway.run(500);
    expect((await stream?.next())?.data.jobUpdated.status).toBe('QUEUED');
  });
});

describe('whatever keys fail in between', () => {
  const ENDED = { status: 'COMPLETED', cost: 1 };
  const HOLD = refusal(429, 'Slow down.', { 'retry-after': '5' });

  /** How each key fails in a round: each in rounds of its own, so that in some rounds all fail and in some none. */
  const failuresIn = (round: number): Record<string, UpstreamBehaviour | undefined> => ({
    'alice-key': round % 3 === 0 ? { status: 500 } : undefined,
    'bob-key': round % 5 < 2 ? HOLD : undefined,
    'carol-key': round % 4 > 1 ? 'reset' : undefined,
  });

  test('each stream gets the last state of each job, and completes', async () => {
    let failures: ReturnType<typeof failuresIn> = {};
    const jobs = someJobs(12);
    const names = namesOf(jobs);
    const lists = { 'alice-key': jobs, 'bob-key': jobs, 'carol-key': jobs };
    const gateway = await watchedService(lists, { RATE_LIMIT_REQUESTS: '10000' }, (script) =>
      overriding(script, ({ key = '' }) => failures[key]),
    );
    const keys = 'alice=alice-key, bob=bob-key, carol=carol-key';
    const streams = await Promise.all(
      Array.from({ length: 10 }, () => openStream(gateway, JOBS, { keys, variables: { qrns: names } })),
    );
    const rests = Promise.all(streams.map((stream) => stream.rest()));
    await settled(gateway);
    for (let round = 0; round < 40; round += 1) {
      failures = failuresIn(round);
      const changed = round % jobs.length;
      jobs[changed] = aJob(names[changed] ?? '', { status: 'QUEUED', queuePosition: round });
      await gateway.run(INTERVAL_MS);
    }
    failures = {};
    jobs.splice(0, jobs.length, ...names.map((name) => aJob(name, ENDED)));
    await gateway.run(30_000);
    const lastStates = (await rests).map((answers) =>
      Object.fromEntries(answers.map(({ data }) => [data.jobUpdated.qrn, data.jobUpdated.status])),
    );
    const expected = Object.fromEntries(names.map((name) => [name, 'COMPLETED']));
    expect(lastStates).toEqual(Array(10).fill(expected));
    expect(gateway.clock.pending).toBe(0);
  });
});

import { describe, expect, test } from 'vitest';
import { createTestFleet } from '../support/create-test-fleet.ts';
import type { Answer } from '../support/create-test-gateway.ts';
import { answersOf, type EventStream, openStream } from '../support/event-stream.ts';
import { aJob, someJobs } from '../support/job-builder.ts';
import { type JobLists, jobService } from '../support/job-service.ts';
import { passTimeCallByCall } from '../support/pass-time.ts';

const MINUTE_MS = 60_000;
const LIST = 'subscription { jobsChanged(first: 50) { nodes { qrn status } } }';
const JOB = 'subscription { jobUpdated(qrns: ["qbraid:job:0"]) { qrn status } }';
const JOBS = 'subscription { jobUpdated(qrns: ["qbraid:job:0", "qbraid:job:1"]) { qrn status } }';

/** Streams on each of so many replicas over a list that a test may change. Each has given its first event. */
async function watch(query: string, size: number) {
  const lists = { 'alice-key': someJobs(2) } satisfies JobLists;
  const fleet = await createTestFleet(jobService(lists), { size });
  const streams: EventStream[] = [];
  for (const replica of fleet.replicas) {
    const stream = await openStream(replica, query);
    await stream.next();
    streams.push(stream);
  }
  return { ...fleet, lists, streams, pass: (ms: number) => passTimeCallByCall(fleet, ms) };
}

/** How many requests it takes to watch on so many replicas for a minute. */
async function countRequests(query: string, size: number): Promise<number> {
  const { upstream, pass } = await watch(query, size);
  await pass(MINUTE_MS);
  return upstream.requests.length;
}

const statusesOf = (answer: Answer | null) =>
  answer?.data.jobsChanged.nodes.map(({ status }: { status: string }) => status);

describe.each([
  ['a list', LIST],
  ['jobs', JOBS],
])('%s that all replicas watch', (_, query) => {
  test('costs hardly more requests than if one did', async () => {
    const [one, four] = [await countRequests(query, 1), await countRequests(query, 4)];
    expect(four).toBeLessThanOrEqual(1.1 * one);
    expect(one).toBeGreaterThan(10);
  });
});

describe('a change', () => {
  test('that one replica reads is an event on all others at once', async () => {
    const { lists, replicas, streams, upstream, pass } = await watch(LIST, 3);
    await pass(500);
    const asked = upstream.requests.length;
    lists['alice-key'][0] = aJob('qbraid:job:0', { ...lists['alice-key'][0], status: 'COMPLETED', cost: 1 });
    await replicas[1]?.query('{ jobs(first: 50) { nodes { status } } }', {
      headers: { 'cache-control': 'no-cache' },
    });
    for (const stream of [streams[0], streams[2]]) {
      expect(statusesOf((await stream?.next()) ?? null)).toEqual(['COMPLETED', 'RUNNING']);
    }
    expect(upstream.requests).toHaveLength(asked + 1);
  });

  test('is an event within a few seconds where the replica that polled is gone', async () => {
    const { lists, replicas, streams, pass } = await watch(LIST, 3);
    await pass(10_000);
    streams[0]?.cut();
    await pass(100);
    expect(replicas[0]?.report().open.streams).toBe(0);
    lists['alice-key'][0] = aJob('qbraid:job:0', { ...lists['alice-key'][0], status: 'COMPLETED', cost: 1 });
    await pass(3000);
    for (const stream of streams.slice(1)) {
      expect(statusesOf(await stream.next())).toEqual(['COMPLETED', 'RUNNING']);
    }
  });

  test('is an event where bells are lost', async () => {
    const { lists, server, streams, pass } = await watch(LIST, 3);
    server.dropBells(() => true);
    await pass(5000);
    lists['alice-key'][0] = aJob('qbraid:job:0', { ...lists['alice-key'][0], status: 'COMPLETED', cost: 1 });
    await pass(5000);
    for (const stream of streams) expect(statusesOf(await stream.next())).toEqual(['COMPLETED', 'RUNNING']);
  });

  test.each([
    ['a list', LIST],
    ['a job', JOB],
  ])(
    'is an event on a stream of %s soon after the server is back, also where replicas had no request left by themselves',
    async (_, query) => {
      const { lists, server, replicas, streams, pass } = await watch(query, 2);
      const events = streams.map(answersOf);
      server.stop();
      for (let index = 0; index < 120; index += 1)
        await replicas[index % 2]?.query(`{ job(qrn: "other:${index}") { status } }`);
      await pass(10_000);
      server.start();
      await pass(1500);
      lists['alice-key'][0] = aJob('qbraid:job:0', {
        ...lists['alice-key'][0],
        status: 'COMPLETED',
        cost: 1,
      });
      // A pace that has become slow, as much was read, but no stop.
      await pass(15_000);
      for (const answers of events) expect(JSON.stringify(answers.at(-1)?.data)).toContain('COMPLETED');
    },
  );

  test('is an event where the server is gone, and after it is back', async () => {
    const { lists, server, streams, pass } = await watch(LIST, 3);
    const change = (status: string) => {
      lists['alice-key'][0] = aJob('qbraid:job:0', { ...lists['alice-key'][0], status, cost: null });
    };
    server.stop();
    change('QUEUED');
    await pass(20_000);
    for (const stream of streams) expect(statusesOf(await stream.next())).toEqual(['QUEUED', 'RUNNING']);
    server.start();
    await pass(2000);
    change('RUNNING');
    await pass(20_000);
    for (const stream of streams) expect(statusesOf(await stream.next())).toEqual(['RUNNING', 'RUNNING']);
  });
});

describe('a key that is refused at one replica', () => {
  test('ends the streams of all of them', async () => {
    const { lists, replicas, streams, pass } = await watch(LIST, 3);
    await pass(500);
    delete (lists as JobLists)['alice-key'];
    await replicas[1]?.query('{ job(qrn: "other:1") { status } }', {
      headers: { 'cache-control': 'no-cache' },
    });
    await pass(2000);
    for (const stream of streams) {
      const last = (await stream.rest()).at(-1);
      expect(last?.errors?.[0]?.extensions.code).toBe('UNAUTHENTICATED');
    }
  });
});

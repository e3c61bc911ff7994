import { setImmediate } from 'node:timers/promises';
import { type ExecutionResult, parse, subscribe } from 'graphql';
import { expect, test } from 'vitest';
import { ApiKey } from '../../src/auth/api-key.ts';
import { executableSchema } from '../../src/graphql/executable-schema.ts';
import { createGraphQLContext } from '../../src/graphql/graphql-context.ts';
import { createOperationDeadlines } from '../../src/graphql/operation-deadline.ts';
import { Abandoning } from '../../src/lib/abandonment.ts';
import { noTracing } from '../../src/lib/tracing.ts';
import { Turns } from '../../src/lib/turns.ts';
import { Pollers } from '../../src/live/pollers.ts';
import { createJobStore, type JobStore } from '../../src/store/job-store.ts';
import { decodeJob } from '../../src/upstream/decode-job.ts';
import { UpstreamError } from '../../src/upstream/upstream-error.ts';
import { aScope } from '../support/account-builder.ts';
import { createNews } from '../support/create-news.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { someJobs } from '../support/job-builder.ts';
import { scriptedClient } from '../support/scripted-client.ts';
import { STORE_LIMITS } from '../support/store-limits.ts';

const key = new ApiKey('alice-key');
const INTERVAL_MS = 2000;

/** A gateway without HTTP, over an upstream with three jobs. Its store has news when another operation has read the first page. */
function openReplica() {
  const clock = createFakeClock();
  const state = { fields: {}, isRefused: false };
  const events: string[] = [];
  let requests = 0;
  const answer = () => {
    requests += 1;
    if (state.isRefused) throw new UpstreamError('unauthenticated', 'refused');
    return someJobs(3, '', state.fields).flatMap((raw) => decodeJob(raw)?.job ?? []);
  };
  const own = createJobStore({
    ...STORE_LIMITS,
    client: scriptedClient({
      async getJob(_, qrn) {
        return answer().find((job) => job.qrn === qrn) ?? Promise.reject(new Error('There is none.'));
      },
      async listJobs() {
        const jobs = answer();
        return { items: jobs.map((job) => ({ identity: job.qrn, isNamed: true, job })), total: jobs.length };
      },
    }),
    clock,
    freshness: { activeMs: 0, terminalMs: 0, holdMs: 0 },
  });
  const news = createNews();
  const store: JobStore = Object.create(own, { onNews: { value: news.onNews } });
  const limits = { minIntervalMs: INTERVAL_MS, maxIntervalMs: INTERVAL_MS };
  const pollers = new Pollers({ store, clock, limits, random: () => 0 });
  const options = {
    store,
    clock,
    pollers,
    maxUpstreamRequests: 30,
    mutations: false,
    deadlines: createOperationDeadlines({ clock, timeoutMs: 10_000 }),
    staleIfErrorMs: 0,
    keyRings: null,
    turns: new Turns(),
    tracing: noTracing,
  };
  async function open(query: string) {
    const contextValue = createGraphQLContext(options, {
      headers: new Headers({ 'x-api-key': 'alice-key' }),
      signal: new Abandoning(),
      client: '',
      requestId: undefined,
      observer: { keysRead() {}, jobsRead: ({ kind }) => events.push(kind) },
    });
    const stream = await subscribe({ schema: executableSchema, document: parse(query), contextValue });
    return stream as AsyncIterableIterator<ExecutionResult, undefined>;
  }
  const hear = async () => {
    await store.listJobs(
      key,
      [{ filter: {}, page: { page: 1, limit: 20 } }],
      aScope({ startedSeq: store.seq }),
    );
    news.tell(key);
    await setImmediate();
  };
  const pass = async (ms: number) => {
    clock.advance(ms);
    await setImmediate();
  };
  return { state, open, hear, pass, events, requests: () => requests };
}

test.each([
  ['a job', 'subscription { jobUpdated(qrns: ["qbraid:job:0"]) { status } }', 'jobUpdated'],
  [
    'jobs',
    `subscription { jobUpdated(qrns: [${[0, 1, 2].map((id) => `"qbraid:job:${id}"`)}]) { status } }`,
    'jobUpdated',
  ],
  ['a list', 'subscription { jobsChanged(first: 20) { nodes { status } } }', 'jobsChanged'],
])('a stream of %s tells what others have read, and is polled an interval later', async (_, query, field) => {
  const { state, open, hear, pass, events, requests } = openReplica();
  const stream = await open(query);
  await stream.next();
  await pass(1000);
  const before = { requests: requests(), events: events.length };
  state.fields = { status: 'HOLD' };
  await hear();
  const { value } = await stream.next();
  expect(JSON.stringify(value?.data?.[field])).toContain('HOLD');
  await pass(INTERVAL_MS - 1);
  expect([requests() - before.requests, events.length - before.events]).toEqual([1, 0]);
});

test.each([
  ['a job', 'subscription { jobUpdated(qrns: ["qbraid:job:0"]) { status } }'],
  ['a list', 'subscription { jobsChanged(first: 20) { nodes { status } } }'],
])('a stream of %s ends at once where others were refused, and no request is sent', async (_, query) => {
  const { state, open, hear, pass, requests } = openReplica();
  const stream = await open(query);
  await stream.next();
  await pass(500);
  const before = requests();
  state.isRefused = true;
  await hear();
  const { value } = await stream.next();
  expect(value?.errors?.map(({ message }) => message)).toEqual(['refused']);
  expect([(await stream.next()).done, requests() - before]).toEqual([true, 1]);
});

import { ApolloClient, ApolloLink, gql, InMemoryCache, Observable } from '@apollo/client';
import { Client, fetchExchange, subscriptionExchange } from '@urql/core';
import { type FormattedExecutionResult, print } from 'graphql';
import { createClient } from 'graphql-sse';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { openStreamAt } from '../support/event-stream.ts';
import { findSteadyPort } from '../support/find-steady-port.ts';
import { aJob, type RawJob } from '../support/job-builder.ts';
import { jobService } from '../support/job-service.ts';
import { type Environment, type Program, runProgram, startProgram } from '../support/run-program.ts';
import { type ScriptedUpstream, startScriptedUpstream } from '../support/scripted-upstream.ts';
import { untilAsked } from '../support/until-asked.ts';

const SUBSCRIPTION = 'subscription ($qrns: [String!]!) { jobUpdated(qrns: $qrns) { qrn status } }';
const VARIABLES = { qrns: ['a:1'] };
const QUICKLY = {
  WATCH_MIN_INTERVAL_MS: '100',
  WATCH_MAX_INTERVAL_MS: '100',
  RATE_LIMIT_REQUESTS: '1000000',
  // A hundred streams that open at once would be refused in part.
  MAX_EVENT_LOOP_DELAY_MS: '600000',
};
/** After so long a gateway that ends cuts what is still open. */
const DRAIN_MS = 10_000;
const RUNNING = { jobUpdated: { qrn: 'a:1', status: 'RUNNING' } };
const COMPLETED = { jobUpdated: { qrn: 'a:1', status: 'COMPLETED' } };

/** An upstream to which tests add keys with a job each. Whoever starts it closes it. */
async function openService() {
  const lists: Record<string, RawJob[]> = {};
  const upstream = await startScriptedUpstream(jobService(lists));
  /** Adds a key with a running job. Gives what lets the job end. */
  const addKey = (key: string) => {
    lists[key] = [aJob('a:1')];
    return () => {
      lists[key] = [aJob('a:1', { status: 'COMPLETED', cost: 1 })];
    };
  };
  return { upstream, addKey };
}

/** An upstream with one job of Alice. It ends with the test. */
async function startService() {
  const { upstream, addKey } = await openService();
  onTestFinished(() => upstream.close());
  return { upstream, complete: addKey('alice-key') };
}

/** The built gateway over an upstream, which polls often. It ends with the test. */
async function startGateway(upstream: ScriptedUpstream, environment: Environment = {}) {
  const program = runProgram([], { ...overService(upstream), ...environment });
  return { program, url: await urlOf(program) };
}

function overService({ url }: ScriptedUpstream): Environment {
  return { PORT: '0', QBRAID_API_URL: url, ...QUICKLY };
}

async function urlOf(program: Program): Promise<string> {
  const [, url = ''] = await program.printed(/"url":"([^"]+)"/);
  return url;
}

describe('the gateway', () => {
  test('on SIGTERM completes its 100 streams, and ends with exit code 0', async () => {
    const count = 100;
    const { upstream } = await startService();
    const { program, url } = await startGateway(upstream);
    const streams = await Promise.all(
      Array.from({ length: count }, () => openStreamAt(url, SUBSCRIPTION, { variables: VARIABLES })),
    );
    const firsts = await Promise.all(streams.map((stream) => stream.next()));
    const signalledAtMs = Date.now();
    program.signal('SIGTERM');
    const rests = await Promise.all(streams.map((stream) => stream.rest()));
    expect(await program.ended).toMatchObject({ code: 0, stderr: '' });
    expect(Date.now() - signalledAtMs).toBeLessThan(DRAIN_MS);
    expect(firsts).toEqual(Array(count).fill({ data: RUNNING }));
    expect(rests).toEqual(Array(count).fill([]));
  });
});

describe('a subscription', () => {
  let service: Awaited<ReturnType<typeof openService>>;
  let program: Program;
  let url: string;

  beforeAll(async () => {
    service = await openService();
    program = startProgram([], { ...overService(service.upstream), SSE_KEEPALIVE_MS: '100' });
    url = await urlOf(program);
  });
  afterAll(async () => {
    program.signal('SIGKILL');
    await service.upstream.close();
  });

  test('gives signs of life while nothing changes', async () => {
    const complete = service.addKey('quiet-key');
    const stream = await openStreamAt(url, SUBSCRIPTION, { key: 'quiet-key', variables: VARIABLES });
    await stream.next();
    await untilAsked(service.upstream, 'quiet-key', 10, 'nobody');
    complete();
    await stream.rest();
    expect(stream.comments).toBeGreaterThanOrEqual(5);
  });

  test('is not asked for any more once its connections were cut', async () => {
    for (const key of ['leaving-key', 'staying-key']) service.addKey(key);
    const open = (key: string) => openStreamAt(url, SUBSCRIPTION, { key, variables: VARIABLES });
    const streams = await Promise.all(Array.from({ length: 30 }, () => open('leaving-key')));
    await Promise.all(streams.map((stream) => stream.next()));
    await untilAsked(service.upstream, 'leaving-key', 3, 'nobody');
    for (const stream of streams) stream.cut();
    const other = await open('staying-key');
    await other.next();
    // What was under way may still arrive.
    await untilAsked(service.upstream, 'staying-key', 2, 'leaving-key');
    expect(await untilAsked(service.upstream, 'staying-key', 10, 'leaving-key')).toBe(0);
    other.cut();
  });

  test('through graphql-sse in distinct connections mode is told of the present, of the change, and completes', async () => {
    const complete = service.addKey('sse-key');
    const client = createClient({ url, singleConnection: false, headers: { 'x-api-key': 'sse-key' } });
    const results: unknown[] = [];
    for await (const result of client.iterate({ query: SUBSCRIPTION, variables: VARIABLES })) {
      results.push(result);
      complete();
    }
    expect(results).toEqual([{ data: RUNNING }, { data: COMPLETED }]);
  });

  test('through urql is told of the present, of the change, and completes', async () => {
    const complete = service.addKey('urql-sse-key');
    const sse = createClient({ url, headers: { 'x-api-key': 'urql-sse-key' } });
    const client = new Client({
      url,
      preferGetMethod: false,
      exchanges: [
        fetchExchange,
        subscriptionExchange({
          forwardSubscription: ({ query = '', variables }) => ({
            subscribe: (sink) => ({
              unsubscribe: sse.subscribe({ query, variables: { ...variables } }, sink),
            }),
          }),
        }),
      ],
    });
    const results: unknown[] = [];
    await new Promise<void>((resolve) => {
      client.subscription(SUBSCRIPTION, VARIABLES).subscribe(({ data, error, hasNext }) => {
        if (data !== undefined) results.push(error ?? withoutTypenames(data));
        if (!hasNext) resolve();
        complete();
      });
    });
    expect(results.slice(0, 2)).toEqual([RUNNING, COMPLETED]);
  });

  test('through urql alone, without another client, is told of them too', async () => {
    const complete = service.addKey('urql-key');
    const client = new Client({
      url,
      preferGetMethod: false,
      fetchSubscriptions: true,
      fetchOptions: { headers: { 'x-api-key': 'urql-key' } },
      exchanges: [fetchExchange],
    });
    const results: unknown[] = [];
    await new Promise<void>((resolve) => {
      client.subscription(SUBSCRIPTION, VARIABLES).subscribe(({ data, error, hasNext }) => {
        if (data !== undefined) results.push(error ?? withoutTypenames(data));
        if (!hasNext) resolve();
        complete();
      });
    });
    expect(results.slice(0, 2)).toEqual([RUNNING, COMPLETED]);
  });

  test('through Apollo Client is told of the present, of the change, and completes', async () => {
    const complete = service.addKey('apollo-key');
    const sse = createClient({ url, headers: { 'x-api-key': 'apollo-key' } });
    const link = new ApolloLink(
      ({ query, variables }) =>
        new Observable((sink) =>
          sse.subscribe(
            { query: print(query), variables },
            {
              next: (result) => sink.next(result as FormattedExecutionResult),
              error: (error) => sink.error(error),
              complete: () => sink.complete(),
            },
          ),
        ),
    );
    const client = new ApolloClient({ link, cache: new InMemoryCache() });
    onTestFinished(() => client.stop());
    const results: unknown[] = [];
    await new Promise<void>((resolve, reject) => {
      client.subscribe({ query: gql(SUBSCRIPTION), variables: VARIABLES }).subscribe({
        next({ data, error }) {
          results.push(error ?? withoutTypenames(data));
          complete();
        },
        complete: resolve,
        error: reject,
      });
    });
    expect(results).toEqual([RUNNING, COMPLETED]);
  });
});

describe('after a restart, during which the job ended,', () => {
  test('a client whose stream broke off comes back by itself, and gets the final state', async () => {
    const { upstream, complete } = await startService();
    const environment = { PORT: await findSteadyPort() };
    const { program, url } = await startGateway(upstream, environment);
    const client = createClient({
      url,
      headers: { 'x-api-key': 'alice-key' },
      async retry() {
        await startGateway(upstream, environment);
      },
    });
    const results: unknown[] = [];
    for await (const result of client.iterate({ query: SUBSCRIPTION, variables: VARIABLES })) {
      results.push(result);
      if (results.length > 1) continue;
      complete();
      program.signal('SIGKILL');
    }
    expect(results.at(-1)).toEqual({ data: COMPLETED });
  });

  test('a client whose stream was completed subscribes again, and gets the final state', async () => {
    const { upstream, complete } = await startService();
    const environment = { PORT: await findSteadyPort() };
    const before = await startGateway(upstream, environment);
    const first = await openStreamAt(before.url, SUBSCRIPTION, { variables: VARIABLES });
    await first.next();
    before.program.signal('SIGTERM');
    expect(await first.rest()).toEqual([]);
    await before.program.ended;
    complete();
    const after = await startGateway(upstream, environment);
    const second = await openStreamAt(after.url, SUBSCRIPTION, { variables: VARIABLES });
    expect(await second.rest()).toEqual([{ data: COMPLETED }]);
  });
});

/** What a client got, without the names of types that it asked for on its own. */
function withoutTypenames(data: unknown): unknown {
  return JSON.parse(JSON.stringify(data), (name, value) => (name === '__typename' ? undefined : value));
}

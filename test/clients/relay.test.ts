import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  commitMutation,
  createOperationDescriptor,
  Environment,
  fetchQuery,
  getPaginationMetadata,
  getPaginationVariables,
  getSingularSelector,
  handlePotentialSnapshotErrors,
  Network,
  RecordSource,
  requestSubscription,
  type SelectorStoreUpdater,
  Store,
  type Variables,
} from 'relay-runtime';
import { describe, expect, type TestContext, test } from 'vitest';
import { hasCode } from '../../clients/src/core/read-errors.ts';
import { hasGap } from '../../clients/src/list/has-gap.ts';
import {
  createFetch,
  createSubscribe,
  handlerProvider,
  type RelaySseOptions,
} from '../../clients/src/relay.ts';
import { compileForRelay } from '../support/compile-for-relay.ts';
import { aJob, type RawJob } from '../support/job-builder.ts';
import { type JobLists, jobService, overriding, refusal } from '../support/job-service.ts';
import { readRelayChapter } from '../support/read-relay-chapter.ts';
import { relayScalars } from '../support/run-relay-compiler.ts';
import { startTestGateway } from '../support/start-test-gateway.ts';
import { startTcpProxy } from '../support/tcp-proxy.ts';

const artifacts = await compileForRelay('JobList', readRelayChapter('graphql'));

interface ShownJobs {
  readonly edges: readonly { readonly cursor: string; readonly node: object | null }[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
}

describe('Relay, with the network and the handlers,', () => {
  test('shows a list that goes on growing at its head while the user has scrolled, with no job lost', async (context) => {
    const jobs = someJobs(9);
    const { url } = await startTestGateway(
      context,
      (request) => jobService({ 'alice-key': jobs })(request),
      FAST,
    );
    const page = await openPage(context, { url, headers: ALICE });
    await page.loadNext();
    expect(page.names()).toEqual(['9', '8', '7', '6', '5', '4']);
    const live = page.subscribe('JobListLiveSubscription', { variables: { first: 3 } });

    jobs.unshift(...[14, 13, 12, 11, 10].map((number) => jobOf(number)));
    await expect.poll(page.names, PATIENCE).toEqual(['14', '13', '12', '9', '8', '7', '6', '5', '4']);
    expect(hasGap(page.jobs())).toBe(true);
    await page.loadNext();
    expect(page.names()).toEqual(['14', '13', '12', '11', '10', '9', '8', '7', '6', '5', '4']);
    expect(hasGap(page.jobs())).toBe(false);
    await page.loadNext();
    expect(page.names().at(-1)).toBe('1');
    expect(page.jobs().pageInfo.hasNextPage).toBe(false);
    expect(live.latest()).toMatchObject({ jobs: { edges: { length: 9 } } });
  });

  test('joins a first page that is read again with the pages behind it', async (context) => {
    const jobs = someJobs(6);
    const { url } = await startTestGateway(
      context,
      (request) => jobService({ 'alice-key': jobs })(request),
      FAST,
    );
    const page = await openPage(context, { url, headers: ALICE });
    await page.loadNext();
    jobs.splice(0, 2, jobOf(7));
    await page.read();
    expect(page.names()).toEqual(['7', '4', '3', '2', '1']);
  });

  test('keeps its list where the next page cannot be read, and tells why', async (context) => {
    const lists: JobLists = { 'alice-key': someJobs(6) };
    const { url } = await startTestGateway(context, (request) => jobService(lists)(request), FAST);
    const page = await openPage(context, { url, headers: ALICE });
    delete lists['alice-key'];
    await expect(page.loadNext()).rejects.toSatisfy((error) => hasCode(error, 'UNAUTHENTICATED'));
    expect(page.names()).toEqual(['6', '5', '4']);
    expect(page.jobs().pageInfo.hasNextPage).toBe(true);
  });

  test('shows what becomes of its jobs until they have ended, whatever of others is refused', async (context) => {
    const jobs = someJobs(2);
    const { url } = await startTestGateway(
      context,
      (request) => jobService({ 'alice-key': jobs })(request),
      FAST,
    );
    const refused: unknown[] = [];
    const onRefusal = (errors: readonly object[]) => void refused.push(...errors);
    const page = await openPage(context, { url, headers: ALICE, onRefusal });
    const rows = page.subscribe('JobListRowsSubscription', {
      variables: { qrns: ['qbraid:job:0', 'qbraid:job:1', 'qbraid:job:2'] },
    });
    await expect.poll(() => refused).toMatchObject([{ extensions: { qrn: 'qbraid:job:0' } }]);
    jobs[0] = jobOf(2, { status: 'COMPLETED', cost: 1 });
    await expect.poll(page.statuses, PATIENCE).toEqual(['COMPLETED', 'RUNNING']);
    jobs[1] = jobOf(1, { status: 'FAILED', cost: 1 });
    await expect.poll(page.statuses, PATIENCE).toEqual(['COMPLETED', 'FAILED']);
    await expect.poll(rows.end, PATIENCE).toBe('completed');
  });

  test('ends a subscription whose only job is refused with an error', async (context) => {
    const { url } = await startTestGateway(context, jobService({ 'alice-key': [] }));
    const page = await openPage(context, { url, headers: ALICE });
    const rows = page.subscribe('JobListRowsSubscription', { variables: { qrns: ['qbraid:job:0'] } });
    await expect.poll(() => hasCode(rows.end(), 'NOT_FOUND'), PATIENCE).toBe(true);
  });

  test('counts its tiles anew with each event', async (context) => {
    const jobs = someJobs(3);
    const { url } = await startTestGateway(
      context,
      (request) => jobService({ 'alice-key': jobs })(request),
      FAST,
    );
    const page = await openPage(context, { url, headers: ALICE });
    page.subscribe('JobListCountsSubscription', {
      updater: (store) => {
        store.getRoot().setLinkedRecord(store.getRootField('jobCountsChanged'), 'jobCounts');
      },
    });
    expect(page.counts()).toMatchObject({ total: 3 });
    jobs.push(jobOf(4, { status: 'QUEUED' }));
    await expect.poll(page.counts, PATIENCE).toMatchObject({ total: 4 });
    expect(page.counts().byStatus).toContainEqual({ status: 'QUEUED', count: 1 });
  });

  test('shows all jobs of a team of which one key is dead, says so, and throws nothing', async (context) => {
    const jobs = someJobs(2);
    const { url } = await startTestGateway(
      context,
      (request) => jobService({ 'alice-key': jobs })(request),
      FAST,
    );
    const page = await openPage(context, { url, headers: TEAM });
    const live = page.subscribe('JobListLiveSubscription', { variables: { first: 3 } });
    jobs.unshift(jobOf(3));
    await expect.poll(page.names, PATIENCE).toEqual(['3', '2', '1']);
    expect(page.facts().sources).toMatchObject([
      { key: 'alice', error: null },
      { key: 'bob', error: { code: 'UNAUTHENTICATED' } },
    ]);
    expect(live.end()).toBe(null);
  });

  test('shows a job as it is once it was cancelled, and fails where it cannot be', async (context) => {
    const jobs = [jobOf(1)];
    const upstream = overriding(
      (request) => jobService({ 'alice-key': jobs })(request),
      ({ method }) => {
        if (method !== 'POST') return undefined;
        if (jobs[0]?.['status'] !== 'RUNNING') return refusal(409, 'Too late');
        jobs[0] = jobOf(1, { status: 'CANCELLING' });
        return { status: 202, body: { status: 'CANCELLING' } };
      },
    );
    const { url } = await startTestGateway(context, upstream, { ...FAST, ENABLE_MUTATIONS: 'true' });
    const page = await openPage(context, { url, headers: ALICE });
    await page.cancel('qbraid:job:1');
    expect(page.statuses()).toEqual(['CANCELLING']);
    await expect(page.cancel('qbraid:job:1')).rejects.toSatisfy((error) => hasCode(error, 'CONFLICT'));
  });

  test('goes on after a lost connection, with the present list first', async (context) => {
    const jobs = someJobs(2);
    const gateway = await startTestGateway(
      context,
      (request) => jobService({ 'alice-key': jobs })(request),
      FAST,
    );
    const way = await startTcpProxy(Number(new URL(gateway.url).port));
    context.onTestFinished(way.close);
    const url = `http://127.0.0.1:${way.port}/graphql`;
    const losses: unknown[] = [];
    const onRetry = (failure: unknown) => void losses.push(failure);
    const page = await openPage(context, { url, headers: ALICE, onRetry });
    const live = page.subscribe('JobListLiveSubscription', { variables: { first: 3 } });
    jobs.unshift(jobOf(3));
    await expect.poll(page.names, PATIENCE).toEqual(['3', '2', '1']);
    way.cut();
    await expect.poll(() => losses, PATIENCE).toHaveLength(1);
    jobs.shift();
    way.mend();
    await expect.poll(page.names, PATIENCE).toEqual(['2', '1']);
    expect(live.end()).toBe(null);
  });

  test('sends ids of persisted operations in place of their texts', async (context) => {
    const folder = mkdtempSync(join(tmpdir(), 'relay-'));
    context.onTestFinished(() => rmSync(folder, { recursive: true }));
    const names = ['JobListQuery', 'JobListRowsSubscription'];
    const texts = names.map((name) => [name, artifacts.request(name).params.text]);
    writeFileSync(join(folder, 'operations.json'), JSON.stringify(Object.fromEntries(texts)));
    const { url } = await startTestGateway(
      context,
      jobService({ 'alice-key': [jobOf(1, { status: 'COMPLETED', cost: 1 })] }),
      { PERSISTED_OPERATIONS: join(folder, 'operations.json'), PERSISTED_ONLY: 'true' },
    );
    const page = await openPage(context, { url, headers: ALICE }, persisted);
    expect(page.names()).toEqual(['1']);
    const rows = page.subscribe('JobListRowsSubscription', { variables: { qrns: ['qbraid:job:1'] } });
    await expect.poll(rows.end, PATIENCE).toBe('completed');
  });

  test('ends a subscription at an answer that is not of the gateway with an error', async () => {
    const subscribe = createSubscribe({
      url: 'http://gateway/graphql',
      fetch: async () => new Response('<h1>Not here</h1>', { status: 404 }),
    });
    const network = Network.create(() => expect.fail('nothing is asked for'), subscribe);
    const environment = new Environment({ network, store: new Store(new RecordSource()) });
    const subscription = artifacts.request('JobListCountsSubscription');
    const end = new Promise((resolve) =>
      requestSubscription(environment, { subscription, variables: {}, onError: resolve }),
    );
    await expect(end).resolves.toMatchObject({ name: 'JobsError', status: 404 });
  });

  test('gives a request up when nobody wants its answer any more', async () => {
    let signal: AbortSignal | null | undefined;
    const network = Network.create(
      createFetch({
        url: 'http://gateway/graphql',
        fetch: (_, init) => {
          signal = init?.signal;
          return new Promise(() => {});
        },
      }),
    );
    const environment = new Environment({ network, store: new Store(new RecordSource()) });
    const reading = fetchQuery(environment, artifacts.request('JobListQuery'), {}).subscribe({});
    await expect.poll(() => signal?.aborted).toBe(false);
    reading.unsubscribe();
    expect(signal?.aborted).toBe(true);
  });
});

// What the chapter says of Relay, and not of this package.
describe('Relay', () => {
  test('tells nobody of a dead key, however strict, unless `sources { error }` is selected', async (context) => {
    const { request } = await compileForRelay(
      'Strict',
      'query StrictQuery @throwOnFieldError { jobs { edges { node { qrn } } } }',
    );
    const { url } = await startTestGateway(context, jobService({ 'alice-key': someJobs(1) }));
    const network = Network.create(createFetch({ url, headers: TEAM }));
    const environment = new Environment({ network, store: new Store(new RecordSource()) });
    const operation = createOperationDescriptor(request('StrictQuery'), {});
    const answer = await environment.execute({ operation }).toPromise();
    expect(answer).toMatchObject({ errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] });
    expect(read(environment, operation.fragment)).toEqual({
      jobs: { edges: [{ node: { qrn: 'qbraid:job:1' } }] },
    });
  });
});

test('the scalars that the documentation shows for Relay are those that its compiler takes', () => {
  expect(JSON.parse(readRelayChapter('json'))).toMatchObject({ customScalarTypes: relayScalars });
});

const ALICE = { 'x-api-key': 'alice-key' };
const TEAM = { 'x-api-keys': 'alice=alice-key, bob=dead-key' };
/** Less than a test has, so that a failure tells what was waited for. */
const PATIENCE = { timeout: 30_000 };
const FAST = { WATCH_MIN_INTERVAL_MS: '100', WATCH_MAX_INTERVAL_MS: '100', FRESH_ACTIVE_MS: '0' };

type Ended = Pick<TestContext, 'onTestFinished'>;
type Selector = Parameters<Environment['lookup']>[0];

/** Reads from the store, and throws what the hooks of React would. */
function read<Data>(environment: Environment, selector: Selector): Data {
  const snapshot = environment.lookup(selector) as { data: unknown; fieldErrors?: readonly object[] };
  // Relay's types are behind its code here.
  const throwErrors: (...args: never) => void = handlePotentialSnapshotErrors;
  throwErrors(...([environment, snapshot.fieldErrors ?? []] as never));
  return snapshot.data as Data;
}

/** The page of the documentation, once its query is answered. It does with Relay's runtime what the hooks of React do. */
async function openPage(
  { onTestFinished }: Ended,
  options: RelaySseOptions,
  requestOf: typeof artifacts.request = artifacts.request,
) {
  const environment = new Environment({
    network: Network.create(createFetch(options), createSubscribe(options)),
    store: new Store(new RecordSource()),
    handlerProvider,
  });
  const variables = { first: 3 };
  const operation = createOperationDescriptor(requestOf('JobListQuery'), variables);
  onTestFinished(environment.retain(operation).dispose);
  const list = artifacts.fragment('JobList_query');

  function look<Data>(fragment: string, parent: object): Data {
    const selector = getSingularSelector(artifacts.fragment(fragment), parent as never);
    return read(environment, selector as Selector);
  }
  const root = () => read<Readonly<Record<'jobCounts', object>>>(environment, operation.fragment);
  const jobs = () => look<{ readonly jobs: ShownJobs }>('JobList_query', root()).jobs;
  const rows = () =>
    jobs().edges.map(({ node }) => look<{ qrn: string; status: string }>('JobList_job', node ?? {}));

  const page = {
    jobs,
    names: () => rows().map(({ qrn }) => qrn.split(':').at(-1)),
    statuses: () => rows().map(({ status }) => status),
    facts: () => look<{ readonly sources: readonly object[] }>('JobList_page', jobs()),
    counts: () => look<{ total: number; byStatus: readonly object[] }>('JobList_counts', root().jobCounts),
    read: () => fetchQuery(environment, operation.request.node, variables).toPromise(),
    async loadNext() {
      const { paginationRequest, paginationMetadata } = getPaginationMetadata(list, 'JobList');
      const { endCursor } = jobs().pageInfo;
      const next = getPaginationVariables('forward', 3, endCursor, variables, {}, paginationMetadata);
      await fetchQuery(environment, paginationRequest, next).toPromise();
    },
    subscribe(name: string, more: { variables?: Variables; updater?: SelectorStoreUpdater<unknown> }) {
      let latest: unknown = null;
      let end: unknown = null;
      const { dispose } = requestSubscription(environment, {
        variables: {},
        subscription: requestOf(name),
        onNext: (data) => (latest = data),
        onCompleted: () => (end = 'completed'),
        onError: (error) => (end = error),
        ...more,
      });
      onTestFinished(dispose);
      return { latest: () => latest, end: () => end };
    },
    cancel: (qrn: string) =>
      new Promise<void>((resolve, reject) => {
        const mutation = requestOf('JobListCancelMutation');
        commitMutation(environment, {
          mutation,
          variables: { qrn },
          onCompleted: () => resolve(),
          onError: reject,
        });
      }),
  };
  await page.read();
  return page;
}

/** The request of an artifact as the compiler makes it with `persistConfig`. */
function persisted(name: string): ReturnType<typeof artifacts.request> {
  const request = artifacts.request(name);
  return { ...request, params: { ...request.params, id: name, text: null } };
}

/** Those with these numbers and smaller ones, the newest first. */
function someJobs(count: number): RawJob[] {
  return Array.from({ length: count }, (_, index) => jobOf(count - index));
}

function jobOf(number: number, fields: object = {}): RawJob {
  const createdAt = new Date(Date.UTC(2026, 0, 14) + number * 1000).toISOString();
  return aJob(`qbraid:job:${number}`, { timeStamps: { createdAt }, ...fields });
}

import { readFileSync } from 'node:fs';
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
  type OperationDescriptor,
  RecordSource,
  requestSubscription,
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
import { jobService } from '../support/job-service.ts';
import { startTestGateway } from '../support/start-test-gateway.ts';

const documented = /^## Relay\n(.*?)^## /ms.exec(readFileSync('docs/clients.md', 'utf8'))?.[1] ?? '';
const artifacts = await compileForRelay('JobList', /^```graphql\n(.*?)^```/ms.exec(documented)?.[1] ?? '');

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
    page.subscribe('JobListLiveSubscription', { first: 3 });

    jobs.unshift(...[14, 13, 12, 11, 10].map((number) => jobOf(number)));
    await expect.poll(page.names, PATIENCE).toEqual(['14', '13', '12', '9', '8', '7', '6', '5', '4']);
    expect(hasGap(page.jobs())).toBe(true);
    await page.loadNext();
    expect(page.names()).toEqual(['14', '13', '12', '11', '10', '9', '8', '7', '6', '5', '4']);
    expect(hasGap(page.jobs())).toBe(false);
    await page.loadNext();
    expect(page.names().at(-1)).toBe('1');
    expect(page.jobs().pageInfo.hasNextPage).toBe(false);
  });
});

const ALICE = { 'x-api-key': 'alice-key' };
/** Less than a test has, so that a failure tells what was waited for. */
const PATIENCE = { timeout: 30_000 };
const FAST = { WATCH_MIN_INTERVAL_MS: '100', WATCH_MAX_INTERVAL_MS: '100', FRESH_ACTIVE_MS: '0' };

type Ended = Pick<TestContext, 'onTestFinished'>;

/** The page of the documentation, once its query is answered. It does with Relay's runtime what the hooks of React do. */
async function openPage(
  { onTestFinished }: Ended,
  options: RelaySseOptions,
  variables: Variables = { first: 3 },
) {
  const environment = new Environment({
    network: Network.create(createFetch(options), createSubscribe(options)),
    store: new Store(new RecordSource()),
    handlerProvider,
  });
  const operation = createOperationDescriptor(artifacts.request('JobListQuery'), variables);
  onTestFinished(environment.retain(operation).dispose);
  const list = artifacts.fragment('JobList_query');

  function look<Data>(fragment: string, parent: object): Data {
    const snapshot = environment.lookup(
      getSingularSelector(artifacts.fragment(fragment), parent as never) as never,
    );
    handlePotentialSnapshotErrors(environment, snapshot.fieldErrors);
    return snapshot.data as Data;
  }
  const root = () => environment.lookup(operation.fragment).data as Readonly<Record<string, object>>;
  const jobs = () => look<{ jobs: ShownJobs }>('JobList_query', root()).jobs;

  const page = {
    environment,
    jobs,
    rows: () =>
      jobs().edges.map(({ node }) => look<{ qrn: string; status: string }>('JobList_job', node ?? {})),
    names: () => page.rows().map(({ qrn }) => qrn.split(':').at(-1)),
    async loadNext(count = 3) {
      const { paginationRequest, paginationMetadata } = getPaginationMetadata(list, 'JobList');
      const { endCursor } = jobs().pageInfo;
      const next = getPaginationVariables('forward', count, endCursor, variables, {}, paginationMetadata);
      await fetchQuery(environment, paginationRequest, next).toPromise();
    },
    subscribe(name: string, of: Variables = {}) {
      const { dispose } = requestSubscription(environment, {
        subscription: artifacts.request(name),
        variables: of,
      });
      onTestFinished(dispose);
    },
  };
  await fetchQuery(environment, operation.request.node, variables).toPromise();
  return page;
}

/** Those with these numbers and smaller ones, the newest first. */
function someJobs(count: number): RawJob[] {
  return Array.from({ length: count }, (_, index) => jobOf(count - index));
}

function jobOf(number: number, fields: object = {}): RawJob {
  const createdAt = new Date(Date.UTC(2026, 0, 14) + number * 1000).toISOString();
  return aJob(`qbraid:job:${number}`, { timeStamps: { createdAt }, ...fields });
}

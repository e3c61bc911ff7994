import { ApolloClient, ApolloLink, gql, HttpLink, InMemoryCache, Observable } from '@apollo/client';
import { print } from 'graphql';
import { createClient } from 'graphql-sse';
import { expect, onTestFinished, test, vi } from 'vitest';
import { createTestGateway } from '../support/create-test-gateway.ts';
import { aJob, type RawJob } from '../support/job-builder.ts';
import { jobService } from '../support/job-service.ts';
import { passTime } from '../support/pass-time.ts';

const INTERVAL_MS = 2000;
const url = 'http://gateway/graphql';

const FIELDS = 'nodes { id qrn status } sources { key error { code retryAfterMs } }';

interface Shown {
  readonly jobs: {
    readonly nodes: readonly { readonly qrn: string; readonly status: string }[];
    readonly sources: readonly { readonly key: string; readonly error: { readonly code: string } | null }[];
  };
}

/** Apollo Client with its defaults, as a team uses it whose second key the qBraid API does not know. */
async function openTeam(jobs: RawJob[]) {
  const gateway = await createTestGateway((request) => jobService({ 'alice-key': jobs })(request));
  const fetch = (input: Parameters<typeof globalThis.fetch>[0], init?: RequestInit) =>
    gateway.yoga.fetch(new Request(input, init)) as Promise<Response>;
  const headers = { 'x-api-keys': 'alice=alice-key, bob=dead-key' };
  const events = createClient({ url, headers, fetchFn: fetch, retryAttempts: 0 });
  const stream = new ApolloLink(
    ({ query, variables }) =>
      new Observable((sink) => events.subscribe({ query: print(query), variables }, sink as never)),
  );
  const link = ApolloLink.split(
    ({ operationType }) => operationType === 'subscription',
    stream,
    new HttpLink({ uri: url, fetch, headers }),
  );
  const client = new ApolloClient({ link, cache: new InMemoryCache() });
  onTestFinished(() => {
    events.dispose();
    client.stop();
  });
  return { client, gateway };
}

test('Apollo Client shows the jobs of a team of which one key is dead, and goes on with updates', async () => {
  const jobs = [aJob('a:1', { status: 'QUEUED' })];
  const { client, gateway } = await openTeam(jobs);
  const query = client.watchQuery<Shown>({ query: gql`{ jobs { ${FIELDS} } }` });
  const shown: string[] = [];
  const failures: unknown[] = [];
  query.subscribe(({ data, error }) => {
    if (error !== undefined) failures.push(error);
    const { nodes = [], sources = [] } = (data?.jobs ?? {}) as Partial<Shown['jobs']>;
    const dead = sources.flatMap(({ key, error: why }) => (why == null ? [] : [`${key} ${why.code}`]));
    if (nodes.length > 0) shown.push([...nodes.map(({ status }) => status), ...dead].join());
  });
  query.subscribeToMore<{ jobsChanged: Shown['jobs'] }>({
    document: gql`subscription { jobsChanged { ${FIELDS} } }`,
    updateQuery: (_, { subscriptionData }) => ({ jobs: subscriptionData.data.jobsChanged }),
    onError: (error) => failures.push(error),
  });
  await passTime(gateway, INTERVAL_MS);
  for (const status of ['RUNNING', 'COMPLETED']) {
    jobs.splice(0, 1, aJob('a:1', { status }));
    await passTime(gateway, INTERVAL_MS);
    await vi.waitFor(() => expect(shown.at(-1)).toContain(status));
  }
  expect(failures).toEqual([]);
  expect(shown).toEqual(['QUEUED', 'RUNNING', 'COMPLETED'].map((status) => `${status},bob UNAUTHENTICATED`));
});

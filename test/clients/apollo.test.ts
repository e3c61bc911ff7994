import { ApolloClient, ApolloLink, gql, HttpLink, InMemoryCache } from '@apollo/client';
import { OperationTypeNode } from 'graphql';
import { describe, expect, test } from 'vitest';
import { createSseLink, possibleTypes, typePolicies } from '../../clients/src/apollo.ts';
import { hasGap } from '../../clients/src/list/has-gap.ts';
import { aJob } from '../support/job-builder.ts';
import { jobService } from '../support/job-service.ts';
import { startTestGateway } from '../support/start-test-gateway.ts';

const JOBS = gql`
  query Jobs($first: Int, $after: String) {
    jobs(first: $first, after: $after) {
      edges { cursor node { id qrn status } }
      pageInfo { hasNextPage endCursor }
      totalCount
      sources { key error { code } }
    }
  }
`;

const LIVE_JOBS = gql`
  subscription LiveJobs($first: Int) {
    jobsChanged(first: $first) {
      edges { cursor node { id qrn status } }
      pageInfo { hasNextPage endCursor }
      totalCount
      sources { key error { code } }
    }
  }
`;

interface ShownJobs {
  readonly jobs: {
    readonly edges: readonly { readonly cursor: string; readonly node: { readonly qrn: string } }[];
    readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
  };
}

const NOTHING: ShownJobs['jobs'] = { edges: [], pageInfo: { hasNextPage: false, endCursor: null } };

describe('Apollo Client, with the link and the type policies,', () => {
  test('shows a list that goes on growing at its head while the user has scrolled, with no job lost', async (context) => {
    const jobs = Array.from({ length: 9 }, (_, index) => jobOf(9 - index));
    const gateway = await startTestGateway(
      context,
      (request) => jobService({ 'alice-key': jobs })(request),
      FAST,
    );
    const client = openClient(gateway.url);
    const query = client.watchQuery({ query: JOBS, variables: { first: 3 } });
    // What the observers of the query are told, a moment later.
    const shown = () =>
      client.readQuery<ShownJobs>({ query: JOBS, variables: { first: 3 } })?.jobs ?? NOTHING;
    const names = () => shown().edges.map(({ node }) => node.qrn.split(':').at(-1));
    const watching = query.subscribe({});
    await query.reobserve();
    await query.fetchMore({ variables: { after: shown().pageInfo.endCursor } });
    const live = client
      .subscribe<{ jobsChanged: unknown }>({ query: LIVE_JOBS, variables: { first: 3 } })
      .subscribe(({ data }) => void client.writeQuery({ query: JOBS, data: { jobs: data?.jobsChanged } }));

    jobs.unshift(...[14, 13, 12, 11, 10].map(jobOf));
    await expect
      .poll(names, { timeout: PATIENCE_MS })
      .toEqual(['14', '13', '12', '9', '8', '7', '6', '5', '4']);
    expect(hasGap(shown())).toBe(true);
    await query.fetchMore({ variables: { after: shown().pageInfo.endCursor } });
    expect(names()).toEqual(['14', '13', '12', '11', '10', '9', '8', '7', '6', '5', '4']);
    expect(hasGap(shown())).toBe(false);
    await query.fetchMore({ variables: { after: shown().pageInfo.endCursor } });
    expect(names().at(-1)).toBe('1');
    expect(shown().pageInfo.hasNextPage).toBe(false);
    live.unsubscribe();
    watching.unsubscribe();
    client.stop();
  });
});

/** Less than a test has, so that a failure tells what was waited for. */
const PATIENCE_MS = 30_000;
const FAST = { WATCH_MIN_INTERVAL_MS: '100', WATCH_MAX_INTERVAL_MS: '100', FRESH_ACTIVE_MS: '0' };

function openClient(url: string): ApolloClient {
  const headers = { 'x-api-key': 'alice-key' };
  return new ApolloClient({
    link: ApolloLink.split(
      ({ operationType }) => operationType === OperationTypeNode.SUBSCRIPTION,
      createSseLink({ url, headers }),
      new HttpLink({ uri: url, headers }),
    ),
    cache: new InMemoryCache({ possibleTypes, typePolicies }),
  });
}

function jobOf(number: number) {
  const createdAt = new Date(Date.UTC(2026, 0, 14) + number * 1000).toISOString();
  return aJob(`qbraid:job:${number}`, { timeStamps: { createdAt } });
}

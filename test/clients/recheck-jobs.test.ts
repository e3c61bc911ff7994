import { gql, InMemoryCache } from '@apollo/client';
import { expect, test } from 'vitest';
import { recheckJobs, typePolicies } from '../../clients/src/apollo.ts';
import { hasGap } from '../../clients/src/list/has-gap.ts';

const JOBS = gql`
  query Jobs($first: Int, $after: String) {
    jobs(filter: { status: COMPLETED }, first: $first, after: $after) {
      edges { cursor node { id } }
      pageInfo { hasNextPage endCursor }
    }
  }
`;

interface Shown {
  readonly jobs: {
    readonly edges: readonly { readonly cursor: string; readonly node: { readonly id: string } }[];
    readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string };
  };
}

test('a list in the cache of Apollo Client is read again behind its first rows, and keeps its rows meanwhile', () => {
  const cache = new InMemoryCache({ typePolicies });
  const shown = () => cache.readQuery<Shown>({ query: JOBS })?.jobs ?? expect.fail('nothing is in the cache');
  const names = () => shown().edges.map(({ node }) => node.id);
  const read = (ids: string[], after: string | null, hasNextPage: boolean) =>
    cache.writeQuery({ query: JOBS, variables: { after }, data: { jobs: toPage(ids, hasNextPage) } });
  read(['9', '7'], null, true);
  read(['5', '3'], '7', false);

  recheckJobs(cache, 2);
  expect(names()).toEqual(['9', '7', '5', '3']);
  expect(hasGap(shown())).toBe(true);
  expect(shown().pageInfo.endCursor).toBe('7');

  read(['6', '5'], '7', true);
  expect(names()).toEqual(['9', '7', '6', '5', '3']);
  read(['4', '3'], '5', false);
  expect(names()).toEqual(['9', '7', '6', '5', '4', '3']);
  expect(hasGap(shown())).toBe(false);
});

/** A page with these jobs, whose cursors are their ids. */
function toPage(ids: readonly string[], hasNextPage: boolean) {
  return {
    __typename: 'JobConnection',
    edges: ids.map((id) => ({ __typename: 'JobEdge', cursor: id, node: { __typename: 'Job', id } })),
    pageInfo: { __typename: 'PageInfo', hasNextPage, endCursor: ids.at(-1) },
  };
}

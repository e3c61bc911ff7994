import {
  ApolloClient,
  gql,
  HttpLink,
  InMemoryCache,
  type ObservableQuery,
  type TypedDocumentNode,
} from '@apollo/client';
import { relayStylePagination } from '@apollo/client/utilities';
import { Client, fetchExchange } from '@urql/core';
import { cacheExchange } from '@urql/exchange-graphcache';
import { relayPagination } from '@urql/exchange-graphcache/extras';

/** A client of the gateway that puts the pages of the list of running jobs together in its own cache. */
export interface PagingClient {
  /** Reads one page, and gives all that the client shows from then on. */
  read(page: PageVariables): Promise<ShownJobs>;
}

export interface PagingOptions {
  /** Carries the client's requests: no socket is opened. */
  readonly fetch: typeof fetch;
  /** Sent with each request. */
  readonly headers: Readonly<Record<string, string>>;
}

/** Which page to read: forward by `first` and `after`, or backward by `last` and `before`. */
export interface PageVariables {
  readonly first?: number;
  readonly after?: string | null;
  readonly last?: number;
  readonly before?: string | null;
}

/** The jobs that a client shows, and what it knows about the list around them. */
export interface ShownJobs {
  readonly edges: readonly { readonly node: { readonly qrn: string } | null }[];
  readonly pageInfo: {
    readonly hasNextPage: boolean;
    readonly hasPreviousPage: boolean;
    readonly startCursor: string | null;
    readonly endCursor: string | null;
  };
}

const url = 'http://gateway/graphql';

interface RunningJobs {
  readonly jobs: ShownJobs;
}

const readJobs: TypedDocumentNode<RunningJobs, PageVariables> = gql`
  query RunningJobs($first: Int, $after: String, $last: Int, $before: String) {
    jobs(filter: { status: RUNNING }, first: $first, after: $after, last: $last, before: $before) {
      edges { cursor node { id qrn status } }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    }
  }
`;

/** Apollo Client with `relayStylePagination`, which fetches more of one observed query. */
export function openApollo({ fetch, headers }: PagingOptions): PagingClient {
  const jobs = relayStylePagination(['filter']);
  const client = new ApolloClient({
    link: new HttpLink({ uri: url, fetch, headers }),
    cache: new InMemoryCache({ typePolicies: { Query: { fields: { jobs } } } }),
  });
  let query: ObservableQuery<RunningJobs, PageVariables> | null = null;
  return {
    async read(variables) {
      if (query === null) {
        query = client.watchQuery({ query: readJobs, variables });
        await query.reobserve();
      } else {
        await query.fetchMore({ variables });
      }
      // What the observers of the query are told, a moment later.
      const data = client.readQuery({ query: readJobs, variables });
      if (data === null) throw new Error('Apollo Client must show data, got none.');
      return data.jobs;
    },
  };
}

/** urql with the `relayPagination` of its normalized cache, which joins the pages of all queries made so far. */
export function openUrql({ fetch, headers }: PagingOptions): PagingClient {
  const jobs = relayPagination();
  const client = new Client({
    url,
    fetch,
    fetchOptions: { headers },
    exchanges: [cacheExchange({ resolvers: { Query: { jobs } } }), fetchExchange],
  });
  return {
    async read(variables) {
      const { data, error } = await client.query(readJobs, variables).toPromise();
      if (error !== undefined || data === undefined)
        throw error ?? new Error('urql must give data, got none.');
      return data.jobs;
    },
  };
}

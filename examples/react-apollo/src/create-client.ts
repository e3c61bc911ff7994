import { ApolloClient, ApolloLink, HttpLink, InMemoryCache, Observable } from '@apollo/client';
import { relayStylePagination } from '@apollo/client/utilities';
import { OperationTypeNode, print } from 'graphql';
import { createClient as createSse } from 'graphql-sse';

/** A client that asks with these keys, with Apollo's defaults but for the gateway's link and type policies. */
export function createClient(keys: string): ApolloClient {
  const headers = { 'X-API-KEYS': keys };
  const sse = createSse({ url: '/graphql', headers, retryAttempts: Number.POSITIVE_INFINITY });
  const sseLink = new ApolloLink(
    ({ query, variables }) =>
      new Observable((sink) =>
        sse.subscribe(
          { query: print(query), variables },
          {
            next: (r) => sink.next(r as never),
            error: (e) => sink.error(e),
            complete: () => sink.complete(),
          },
        ),
      ),
  );
  return new ApolloClient({
    link: ApolloLink.split(
      ({ operationType }) => operationType === OperationTypeNode.SUBSCRIPTION,
      sseLink,
      new HttpLink({ uri: '/graphql', headers }),
    ),
    cache: new InMemoryCache({
      typePolicies: { Query: { fields: { jobs: relayStylePagination(['filter']) } } },
    }),
  });
}

import { ApolloLink, Observable } from '@apollo/client';
import { print } from 'graphql';
import { type SseOptions, subscribeBySse } from '../streams/subscribe-by-sse.ts';

/**
 * Carries subscriptions over server-sent events: put it beside an `HttpLink` with `ApolloLink.split`. A subscription goes
 * on after lost connections, temporary refusals and restarts of the gateway, with the present state first; one that
 * asks for `jobUpdated` completes when all its jobs have ended.
 */
export function createSseLink(options: SseOptions): ApolloLink {
  return new ApolloLink(
    ({ query, variables, operationName }) =>
      new Observable<ApolloLink.Result>((observer) =>
        subscribeBySse(
          options,
          { query: print(query), variables, ...(operationName !== undefined && { operationName }) },
          observer,
        ),
      ),
  );
}

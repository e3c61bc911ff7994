import { type Exchange, type ExecutionResult, subscriptionExchange } from '@urql/core';
import { type SseOptions, subscribeBySse } from '../streams/subscribe-by-sse.ts';

/**
 * Carries subscriptions over server-sent events: put it behind `fetchExchange`. A subscription goes on after lost
 * connections, temporary refusals and restarts of the gateway, with the present state first; one that asks for
 * `jobUpdated` completes when all its jobs have ended.
 */
export function createSseExchange(options: SseOptions): Exchange {
  return subscriptionExchange({
    forwardSubscription: ({ query = '', variables, operationName }) => ({
      subscribe: (sink) => ({
        unsubscribe: subscribeBySse<ExecutionResult>(
          options,
          { query, variables: variables ?? {}, ...(operationName !== undefined && { operationName }) },
          sink,
        ),
      }),
    }),
  });
}

import { type GraphQLResponse, Observable, type SubscribeFunction } from 'relay-runtime';
import type { StreamResult } from '../streams/stream-progress.ts';
import { type SseOptions, subscribeBySse } from '../streams/subscribe-by-sse.ts';
import { toRequest } from './to-request.ts';

/** Where the gateway is, what to send with each request, and who is told of failures. */
export interface RelaySseOptions extends SseOptions {
  /** Is told of what was refused while the stream goes on, such as one of several jobs: `extensions.qrn` names it. */
  readonly onRefusal?: (errors: NonNullable<StreamResult['errors']>) => void;
}

/**
 * Carries subscriptions over server-sent events: the second argument of `Network.create`. A subscription goes on after
 * lost connections, temporary refusals and restarts of the gateway, with the present state first; one that asks for
 * `jobUpdated` completes when all its jobs have ended.
 *
 * Relay ends a subscription at an answer without data. So it is given such an answer only if the stream ends with it, and
 * there was no other one.
 */
export function createSubscribe({ onRefusal, ...options }: RelaySseOptions): SubscribeFunction {
  return (operation, variables) =>
    Observable.create<GraphQLResponse>((sink) => {
      let refusal: StreamResult | null = null;
      let hasData = false;
      return subscribeBySse<StreamResult>(options, toRequest(operation, variables), {
        next(result) {
          refusal = result.data == null ? result : null;
          hasData ||= refusal === null;
          if (refusal === null) sink.next(result as GraphQLResponse);
          else onRefusal?.(refusal.errors ?? []);
        },
        error: (failure) => sink.error(failure as Error),
        complete() {
          if (refusal !== null && !hasData) sink.next(refusal as GraphQLResponse);
          sink.complete();
        },
      });
    });
}

import type { GraphQLError } from 'graphql';
import { isAsyncIterable, type Plugin, type YogaInitialContext } from 'graphql-yoga';
import type { ApiKey } from '../../auth/api-key.ts';
import type { GraphQLContext } from '../../graphql/graphql-context.ts';
import { GatewayError } from '../../lib/gateway-error.ts';
import { toRefusal } from '../http/http-refusal.ts';
import type { OpenStreams } from '../streams/open-streams.ts';

/** When a stream that finds the gateway full may come back, in seconds. */
const RETRY_LATER = { 'retry-after': '5' };

/**
 * Counts each subscription from before it begins until it has ended, however it ends, and refuses those beyond the
 * bounds. A client that accepts JSON, too, is told by the status: 503 if the gateway is full, 429 if a key has its share.
 */
export function useStreamLimits(openStreams: OpenStreams): Plugin<GraphQLContext & YogaInitialContext> {
  const ends = new WeakMap<Request, () => void>();
  return {
    onSubscribe({ args: { contextValue: context }, setResultAndStopExecution }) {
      try {
        ends.set(context.request, openStreams.open(keysOf(context)));
      } catch (error) {
        setResultAndStopExecution({ errors: [refuse(error)] });
        return;
      }
      const end = () => ends.get(context.request)?.();
      return {
        onSubscribeResult({ result }) {
          if (isAsyncIterable(result)) return { onEnd: end };
          return end();
        },
      };
    },
    onResponse({ request, response }) {
      // The client accepts no event stream, or something else came between.
      if (!response.headers.get('content-type')?.startsWith('text/event-stream')) ends.get(request)?.();
    },
  };
}

/** The keys of the request: none if they are missing or malformed, which the operation itself says. */
function keysOf(context: GraphQLContext): readonly ApiKey[] {
  try {
    return context.session().credentials.map(({ key }) => key);
  } catch (error) {
    if (error instanceof GatewayError) return [];
    throw error;
  }
}

function refuse(error: unknown): GraphQLError {
  if (!(error instanceof GatewayError)) throw error;
  const isFull = error.facts.limit === 'MAX_STREAMS';
  return toRefusal(error, isFull ? { status: 503, headers: RETRY_LATER } : { status: 429 });
}

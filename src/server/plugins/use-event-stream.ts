import type { ServerResponse } from 'node:http';
import { isAsyncIterable, type Plugin, type YogaInitialContext } from 'graphql-yoga';
import { createEventStream } from '../streams/create-event-stream.ts';
import type { EventStreamOptions } from '../streams/event-stream-body.ts';

/** What Yoga knows of a request that came over a socket. */
interface SocketContext {
  readonly res?: Pick<ServerResponse, 'destroy'>;
}

/**
 * Answers subscriptions, and clients that accept only event streams, in the distinct connections mode of GraphQL over
 * server-sent events. It replaces the one of Yoga, whose interval between signs of life is fixed.
 */
export function useEventStream(options: EventStreamOptions): Plugin<YogaInitialContext, SocketContext> {
  return {
    onResultProcess({ request, result, resultProcessor, setResultProcessor, serverContext: { res } }) {
      if (Array.isArray(result)) return;
      const accept = request.headers.get('accept') ?? '';
      const isForStreamsOnly = accept.includes('text/event-stream') && !accept.includes('json');
      // The client accepts no event stream where Yoga has found no way to answer.
      if (isAsyncIterable(result) ? resultProcessor === undefined : !isForStreamsOnly) return;
      const client = { hangup: request.signal, disconnect: () => void res?.destroy() };
      setResultProcessor(() => createEventStream(result, client, options), 'text/event-stream');
    },
  };
}

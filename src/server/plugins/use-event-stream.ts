import type { ServerResponse } from 'node:http';
import { isAsyncIterable, type Plugin, type YogaInitialContext } from 'graphql-yoga';
import { requestIds } from '../records/request-ids.ts';
import { createEventStream } from '../streams/create-event-stream.ts';
import type { LogStreamEnd } from '../streams/log-stream-end.ts';
import type { StreamEnd, StreamWriter } from '../streams/stream-writer.ts';

/** What Yoga knows of a request that came over a socket. */
interface SocketContext {
  readonly res?: Pick<ServerResponse, 'destroy'>;
}

/**
 * Answers subscriptions, and clients that accept only event streams, in the distinct connections mode of GraphQL over
 * server-sent events. It replaces the one of Yoga, whose interval between signs of life is fixed.
 */
export function useEventStream(
  writer: StreamWriter,
  logEnd: LogStreamEnd,
): Plugin<YogaInitialContext, SocketContext> {
  return {
    onResultProcess({ request, result, resultProcessor, setResultProcessor, serverContext: { res } }) {
      if (Array.isArray(result)) return;
      const accept = request.headers.get('accept') ?? '';
      const isForStreamsOnly = accept.includes('text/event-stream') && !accept.includes('json');
      // The client accepts no event stream where Yoga has found no way to answer.
      if (isAsyncIterable(result) ? resultProcessor === undefined : !isForStreamsOnly) return;
      const client = { hangup: request.signal, disconnect: () => void res?.destroy() };
      const requestId = requestIds.current;
      const onEnd = (how: StreamEnd) => {
        // Of a client that has left, `useAbandonment` tells.
        if (how !== 'left') logEnd(how, requestId);
      };
      setResultProcessor(() => createEventStream(result, client, writer, onEnd), 'text/event-stream');
    },
  };
}

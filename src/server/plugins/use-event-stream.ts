import { isAsyncIterable, type Plugin } from 'graphql-yoga';
import { createEventStream, type EventStreamOptions } from '../create-event-stream.ts';

/**
 * Answers subscriptions, and clients that accept only event streams, in the distinct connections mode of GraphQL over
 * server-sent events. It replaces the one of Yoga, whose interval between signs of life is fixed.
 */
export function useEventStream(options: EventStreamOptions): Plugin {
  return {
    onResultProcess({ request, result, setResultProcessor }) {
      const accept = request.headers.get('accept') ?? '';
      const isWanted = isAsyncIterable(result) || !accept.includes('json');
      if (!accept.includes('text/event-stream') || !isWanted || Array.isArray(result)) return;
      setResultProcessor(() => createEventStream(result, request.signal, options), 'text/event-stream');
    },
  };
}

import { isAsyncIterable, type Plugin } from 'graphql-yoga';
import { createEventStream, type EventStreamOptions } from '../create-event-stream.ts';

/**
 * Answers subscriptions, and whoever accepts nothing but event streams, in the distinct connections mode of GraphQL
 * over server-sent events. In place of Yoga's own, for the sake of its interval between signs of life.
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

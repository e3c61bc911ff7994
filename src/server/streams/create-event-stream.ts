import type { ExecutionResult } from 'graphql';
import { isAsyncIterable } from 'graphql-yoga';
import { EventStreamBody, type EventStreamOptions, type StreamClient } from './event-stream-body.ts';

/**
 * Sends one or many results as server-sent events: `next` for each result, then `complete` (the distinct connections
 * mode of GraphQL over SSE). Takes results no faster than the client reads them, and breaks off if it does not read.
 */
export function createEventStream(
  results: ExecutionResult | AsyncIterable<ExecutionResult>,
  client: StreamClient,
  options: EventStreamOptions,
): Response {
  const iterator = (isAsyncIterable(results) ? results : only(results))[Symbol.asyncIterator]();
  const body = new ReadableStream(new EventStreamBody(iterator, client, options), { highWaterMark: 0 });
  return new Response(body, {
    headers: {
      'content-type': 'text/event-stream; charset=utf-8',
      // Otherwise nginx collects events before it passes them on.
      'x-accel-buffering': 'no',
    },
  });
}

async function* only(result: ExecutionResult): AsyncGenerator<ExecutionResult> {
  yield result;
}

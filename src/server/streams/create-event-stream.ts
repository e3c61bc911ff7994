import type { ExecutionResult } from 'graphql';
import { isAsyncIterable } from 'graphql-yoga';
import { UNBUFFERED } from './event-text.ts';
import { ResultSource } from './result-source.ts';
import { StreamBody } from './stream-body.ts';
import type { StreamEnd, StreamWriter } from './stream-writer.ts';

/** Who reads an event stream that Yoga answers with. */
export interface StreamReader {
  /** Aborts when the client has left. A client can leave in ways that do not cancel the body. */
  readonly hangup: AbortSignal;
  /** Closes the connection, and drops all that is on its way to the client. */
  readonly disconnect: () => void;
}

/**
 * Sends one or many results as server-sent events: `next` for each result, then `complete` (the distinct connections
 * mode of GraphQL over SSE). Takes results no faster than the client reads them, and breaks off if it does not read.
 */
export function createEventStream(
  results: ExecutionResult | AsyncIterable<ExecutionResult>,
  { hangup, disconnect }: StreamReader,
  writer: StreamWriter,
  onEnd: (how: StreamEnd) => void,
): Response {
  const iterator = isAsyncIterable(results) ? results[Symbol.asyncIterator]() : only(results);
  const body = new StreamBody(disconnect);
  const source = new ResultSource(iterator, (how) => {
    hangup.removeEventListener('abort', body.close);
    onEnd(how);
  });
  hangup.addEventListener('abort', body.close);
  writer.open(body, source);
  if (hangup.aborted) body.close();
  return new Response(body.stream, {
    headers: Object.fromEntries([['content-type', 'text/event-stream; charset=utf-8'], UNBUFFERED]),
  });
}

/** Gives one result. Nothing ends it before: at a shutdown, what was executed is still told. */
function only(result: ExecutionResult): AsyncIterator<ExecutionResult> {
  const results = [result];
  return {
    next: async () => {
      const value = results.pop();
      return value === undefined ? { done: true, value } : { done: false, value };
    },
  };
}

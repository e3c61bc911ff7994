import type { ExecutionResult } from 'graphql';
import { isAsyncIterable } from 'graphql-yoga';
import type { Clock } from '../lib/clock.ts';

export interface EventStreamOptions {
  /** How often the stream gives a sign of life, in milliseconds. */
  readonly keepaliveMs: number;
  readonly clock: Clock;
  /** Ends every stream when it aborts: with `complete`, as if nothing more was to come. */
  readonly shutdown: AbortSignal;
}

/** A comment, which clients pass over: it keeps proxies from closing the stream, and finds out who has left. */
const SIGN_OF_LIFE = ':\n\n';
const COMPLETE = 'event: complete\ndata:\n\n';

/**
 * One or many results as server-sent events: `next` for each, and `complete` (the distinct connections mode of GraphQL
 * over SSE). Results are taken no faster than the client reads them.
 *
 * @param hangup aborts when the client has left, however it did: not every way cancels the body.
 */
export function createEventStream(
  results: ExecutionResult | AsyncIterable<ExecutionResult>,
  hangup: AbortSignal,
  { keepaliveMs, clock, shutdown }: EventStreamOptions,
): Response {
  const iterator = (isAsyncIterable(results) ? results : only(results))[Symbol.asyncIterator]();
  const encoder = new TextEncoder();
  let cancelBeat = () => {};
  const leave = () => void iterator.return?.();
  const release = () => {
    cancelBeat();
    shutdown.removeEventListener('abort', leave);
    hangup.removeEventListener('abort', cancel);
  };
  const cancel = () => {
    release();
    leave();
  };

  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      const beat = () => {
        // A client that does not read needs no sign of life, and must not make memory grow.
        if ((controller.desiredSize ?? 0) > 0) controller.enqueue(encoder.encode(SIGN_OF_LIFE));
        cancelBeat = clock.schedule(keepaliveMs, beat);
      };
      // Some browsers wait for the first bytes before they take the answer for one.
      beat();
      shutdown.addEventListener('abort', leave);
      hangup.addEventListener('abort', cancel);
      if (shutdown.aborted) leave();
      if (hangup.aborted) cancel();
    },
    async pull(controller) {
      const { done, value } = await iterator.next();
      if (!done) return controller.enqueue(encoder.encode(`event: next\ndata: ${stringify(value)}\n\n`));
      release();
      controller.enqueue(encoder.encode(COMPLETE));
      controller.close();
    },
    cancel,
  });
  return new Response(body, {
    headers: {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache',
      // nginx would otherwise gather events before it passes them on.
      'x-accel-buffering': 'no',
    },
  });
}

async function* only(result: ExecutionResult): AsyncGenerator<ExecutionResult> {
  yield result;
}

/** JSON without what Yoga notes for itself in the extensions of errors. */
function stringify(result: ExecutionResult): string {
  const errors = result.errors?.map((error) => {
    const { http: _, unexpected: __, ...extensions } = error.extensions;
    return { ...error.toJSON(), extensions };
  });
  return JSON.stringify(errors === undefined ? result : { ...result, errors });
}

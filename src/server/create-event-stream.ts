import type { ExecutionResult } from 'graphql';
import { isAsyncIterable } from 'graphql-yoga';
import type { Clock } from '../lib/clock.ts';

export interface EventStreamOptions {
  /** How often the stream sends a sign of life, in milliseconds. */
  readonly keepaliveMs: number;
  readonly clock: Clock;
  /** When it aborts, every stream ends with `complete`, as if there were no more results. */
  readonly shutdown: AbortSignal;
}

/** A comment, which clients ignore. It keeps proxies from closing the stream, and shows who has left. */
const SIGN_OF_LIFE = ':\n\n';
const COMPLETE = 'event: complete\ndata:\n\n';

/**
 * Sends one or many results as server-sent events: `next` for each result, then `complete` (the distinct connections
 * mode of GraphQL over SSE). Takes results no faster than the client reads them.
 *
 * @param hangup aborts when the client has left. A client can leave in ways that do not cancel the body.
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
        // A client that does not read needs no sign of life: signs that wait would make memory grow.
        if ((controller.desiredSize ?? 0) > 0) controller.enqueue(encoder.encode(SIGN_OF_LIFE));
        cancelBeat = clock.schedule(keepaliveMs, beat);
      };
      // Some browsers report the response only after its first bytes.
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
      // Otherwise nginx collects events before it passes them on.
      'x-accel-buffering': 'no',
    },
  });
}

async function* only(result: ExecutionResult): AsyncGenerator<ExecutionResult> {
  yield result;
}

/** Writes JSON without the private notes of Yoga in the extensions of errors. */
function stringify(result: ExecutionResult): string {
  const errors = result.errors?.map((error) => {
    const { http: _, unexpected: __, ...extensions } = error.extensions;
    return { ...error.toJSON(), extensions };
  });
  return JSON.stringify(errors === undefined ? result : { ...result, errors });
}

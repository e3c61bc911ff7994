import { pause } from './pause.ts';
import { RefusedStream } from './refused-stream.ts';
import { retryDelayMs } from './retry-delay.ts';
import { createStreamProgress, isTemporaryRefusal, type StreamResult } from './stream-progress.ts';

/** How a stream goes on after failures. */
export interface ResumeOptions {
  /** Ends the stream. */
  readonly signal: AbortSignal;
  /** Is told of each failure, or null where the gateway ended the stream, and after how long it is opened again. */
  readonly onRetry?: ((failure: unknown, delayMs: number) => void) | undefined;
}

/**
 * Reads a stream until it has told all: it is opened again after lost connections, temporary refusals, and ends of the
 * gateway. Each time it begins with the present state. Throws what is not temporary. Ends quietly when it is aborted.
 *
 * @param query - The text of the operation.
 * @param open - Opens one connection, and reads it to its end.
 */
export async function* resumeStream<Result extends StreamResult>(
  query: string,
  open: () => AsyncIterable<Result>,
  { signal, onRetry }: ResumeOptions,
): AsyncGenerator<Result, void> {
  const progress = createStreamProgress(query);
  let failures = 0;
  for (;;) {
    let failure: unknown = null;
    try {
      for await (const result of open()) {
        failure = isTemporaryRefusal(result) ? result.errors : null;
        failures = failure === null ? 0 : failures;
        progress.note(result);
        if (failure === null) yield result;
      }
      if (failure === null && progress.isFinished()) return;
    } catch (error) {
      failure = throwIfFinal(error);
    }
    if (signal.aborted) return;
    failures += 1;
    const delayMs = retryDelayMs(failures, failure);
    onRetry?.(failure, delayMs);
    await pause(delayMs, signal);
  }
}

/** What is no refusal is a lost connection. */
function throwIfFinal(error: unknown): unknown {
  if (error instanceof RefusedStream && !error.isTemporary) throw error;
  return error;
}

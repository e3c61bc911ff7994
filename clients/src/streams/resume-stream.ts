import { JobsError } from '../core/jobs-error.ts';
import { pause } from './pause.ts';
import { retryDelayMs } from './retry-delay.ts';
import {
  createStreamProgress,
  isTemporaryRefusal,
  type StreamProgress,
  type StreamResult,
} from './stream-progress.ts';

/** How a stream goes on after failures. */
export interface ResumeOptions {
  /** Ends the stream. */
  readonly signal: AbortSignal;
  /** Is told of each failure, or null where the gateway ended the stream, and after how long it is opened again. */
  readonly onRetry?: ((failure: unknown, delayMs: number) => void) | undefined;
}

/**
 * Reads a stream until it has told all: it is opened again after lost connections, temporary refusals, and ends of the
 * gateway. Each time it begins with the present state. A refusal for good is a last result with `errors`; a
 * `JobsError` is thrown only for an answer that is not of the gateway. Ends quietly when it is aborted.
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
  for (let failures = 1; ; failures += 1) {
    const end = yield* readOnce(open, progress);
    if (end.isFinal || signal.aborted) return;
    if (end.hasSent) failures = 1;
    const delayMs = retryDelayMs(failures, end.failure);
    onRetry?.(end.failure, delayMs);
    await pause(delayMs, signal);
    if (signal.aborted) return;
  }
}

/** How one connection ended. */
interface End {
  readonly isFinal: boolean;
  readonly hasSent: boolean;
  readonly failure: unknown;
}

async function* readOnce<Result extends StreamResult>(
  open: () => AsyncIterable<Result>,
  progress: StreamProgress,
): AsyncGenerator<Result, End> {
  let hasSent = false;
  let failure: unknown = null;
  try {
    for await (const result of open()) {
      failure = isTemporaryRefusal(result) ? result.errors : null;
      progress.note(result);
      if (failure !== null) continue;
      hasSent = true;
      yield result;
    }
    return { isFinal: failure === null && progress.isFinished(), hasSent, failure };
  } catch (error) {
    // What is no refusal is a lost connection.
    if (!(error instanceof JobsError) || isTemporary(error))
      return { isFinal: false, hasSent, failure: error };
    if (error.errors.length === 0) throw error;
    yield { data: null, errors: error.errors } as StreamResult as Result;
    return { isFinal: true, hasSent, failure: null };
  }
}

/** Whether another try may succeed: the gateway or a proxy has too much to do, or is being replaced. */
function isTemporary({ status }: JobsError): boolean {
  return status >= 500 || [408, 425, 429].includes(status);
}

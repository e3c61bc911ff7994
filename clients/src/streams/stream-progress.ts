import type { ErrorCode } from '../core/error-code.ts';
import type { AnswerError } from '../core/jobs-error.ts';
import { hasCode } from '../core/read-errors.ts';

/** One answer of a stream, as GraphQL gives it. */
export interface StreamResult {
  readonly data?: unknown;
  readonly errors?: readonly Partial<AnswerError>[] | undefined;
}

/** How far a stream has come. */
export interface StreamProgress {
  /** Takes note of the stream's next answer. */
  note(result: StreamResult): void;
  /** Whether a stream that completes now has nothing more to tell: otherwise the gateway went away. */
  isFinished(): boolean;
}

const TEMPORARY: readonly ErrorCode[] = [
  'RATE_LIMITED',
  'UPSTREAM_UNAVAILABLE',
  'GATEWAY_TIMEOUT',
  'TOO_MANY_STREAMS',
  'OVERLOADED',
];
const ENDED: readonly unknown[] = ['COMPLETED', 'FAILED', 'CANCELLED', 'HOLD'];

/**
 * Watches whether a stream ends because all is told. The gateway completes streams when it is shut down or replaced, so
 * that lists and counts, which have no end, are subscribed to again. `jobUpdated` is finished when all its jobs have
 * ended; where the operation selects neither `status` nor `isTerminal`, whenever it completes. A stream that was refused
 * for good is finished too.
 *
 * @param query - The text of the operation. Where it is persisted and has none, answers with the `id` of a job tell that it
 *   asks for `jobUpdated`.
 */
export function createStreamProgress(query: string): StreamProgress {
  let hasEnd = /\bjobUpdated\b/.test(query);
  const waiting = new Map<unknown, boolean>();
  let isRefused = false;
  return {
    note(result) {
      isRefused = isRefusal(result) && !isTemporaryRefusal(result);
      if (query === '') hasEnd ||= isOfOneJob(result);
      for (const job of Object.values(result.data ?? {})) {
        const { id, qrn, status, isTerminal } = (job ?? {}) as Readonly<Record<string, unknown>>;
        if (query === '') hasEnd ||= id !== undefined;
        const isKnown = status !== undefined || isTerminal !== undefined;
        waiting.set(id ?? qrn, isKnown && isTerminal !== true && !ENDED.includes(status));
      }
    },
    isFinished: () => isRefused || (hasEnd && ![...waiting.values()].includes(true)),
  };
}

/** Whether an answer says only that the gateway cannot give any just now. */
export function isTemporaryRefusal(result: StreamResult): boolean {
  return isRefusal(result) && TEMPORARY.some((code) => hasCode(result.errors, code));
}

function isRefusal(result: StreamResult): boolean {
  const { data, errors = [] } = result;
  return data == null && errors.length > 0 && !isOfOneJob(result);
}

/** Whether an answer says that one of several jobs was refused. */
function isOfOneJob({ errors = [] }: StreamResult): boolean {
  return errors.some(({ extensions }) => extensions?.['qrn'] !== undefined);
}

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
 * @param query - The text of the operation.
 */
export function createStreamProgress(query: string): StreamProgress {
  const hasEnd = /\bjobUpdated\b/.test(query);
  const waiting = new Map<unknown, boolean>();
  let isRefused = false;
  return {
    note(result) {
      isRefused = isRefusal(result) && !isTemporaryRefusal(result);
      for (const job of Object.values(result.data ?? {})) {
        const { id, qrn, status, isTerminal } = (job ?? {}) as Readonly<Record<string, unknown>>;
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

function isRefusal({ data, errors = [] }: StreamResult): boolean {
  const isOfOneJob = errors.some(({ extensions }) => extensions?.['qrn'] !== undefined);
  return data == null && errors.length > 0 && !isOfOneJob;
}

import { UpstreamError } from '../../upstream/upstream-error.ts';

/** The failure that stands for a request that is not sent, with how long to wait for the next, in milliseconds. */
export function repeatFailure({ kind, message, facts }: UpstreamError, waitMs: number): UpstreamError {
  return new UpstreamError(kind, message, { ...facts, retryAfterMs: Math.ceil(waitMs), isRepeated: true });
}

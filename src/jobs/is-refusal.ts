import { UpstreamError } from '../upstream/upstream-error.ts';

const REFUSALS: ReadonlySet<string> = new Set(['unauthenticated', 'forbidden', 'not-found', 'invalid-input']);

/** Whether a failure is the service's last word, so that asking again would change nothing. */
export function isRefusal(error: unknown): error is UpstreamError {
  return error instanceof UpstreamError && REFUSALS.has(error.kind);
}

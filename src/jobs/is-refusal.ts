import type { UpstreamError, UpstreamErrorKind } from '../upstream/upstream-error.ts';

const REFUSALS: ReadonlySet<UpstreamErrorKind> = new Set([
  'unauthenticated',
  'forbidden',
  'not-found',
  'invalid-input',
]);

/** Whether a failure is the service's last word, so that asking again would change nothing. */
export function isRefusal({ kind }: UpstreamError): boolean {
  return REFUSALS.has(kind);
}

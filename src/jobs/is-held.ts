import { UpstreamError } from '../upstream/upstream-error.ts';

/** Whether a read failed because the key may not ask for now: then what is remembered serves, however old. */
export function isHeld(error: unknown): boolean {
  return error instanceof UpstreamError && error.kind === 'rate-limited';
}

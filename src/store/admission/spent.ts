import { UpstreamError } from '../../upstream/upstream-error.ts';

/** The failure of a request that is not sent because its key has none left, with how long to wait, in milliseconds. */
export function spent(waitMs: number): UpstreamError {
  return new UpstreamError('rate-limited', 'The key may send no more requests upstream for now.', {
    retryAfterMs: Math.ceil(waitMs),
  });
}

import { retryAfterMs } from '../core/read-errors.ts';

const FIRST_DELAY_MS = 1000;
const LONGEST_DELAY_MS = 30_000;

/**
 * How long to wait before the next try, in milliseconds: longer with each failure, up to half a minute, but at least as
 * long as the failure asks for. A part is random, so that clients do not come back all at once.
 *
 * @param failures - How many tries failed in a row.
 */
export function retryDelayMs(failures: number, failure: unknown, random: () => number = Math.random): number {
  const longest = Math.min(FIRST_DELAY_MS * 2 ** (failures - 1), LONGEST_DELAY_MS);
  const backoff = longest * (0.5 + random() / 2);
  return Math.max(backoff, (retryAfterMs(failure) ?? 0) * (1 + random() / 10));
}

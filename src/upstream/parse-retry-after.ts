/**
 * The `Retry-After` header in milliseconds from now: seconds or an HTTP date (RFC 9110, section 10.2.3).
 * Undefined where there is none or it cannot be read.
 */
export function parseRetryAfter(header: string | undefined, now: Date): number | undefined {
  const value = header?.trim();
  if (!value) return undefined;
  const delayMs = SECONDS.test(value) ? Math.ceil(Number(value) * 1000) : toDateMs(value) - now.getTime();
  return Number.isSafeInteger(delayMs) ? Math.max(0, delayMs) : undefined;
}

const SECONDS = /^\d+(\.\d+)?$/;

/** `Date.parse` alone takes almost anything for a date: `-5` would be a day of 2001. */
function toDateMs(value: string): number {
  return /^[A-Z][a-z]+, .* GMT$/.test(value) ? Date.parse(value) : Number.NaN;
}

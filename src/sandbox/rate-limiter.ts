import { Refusal } from './refusal.ts';

/** How many requests a user may make in how long a time. */
export interface RateLimit {
  readonly requests: number;
  readonly windowMs: number;
}

/** Counts requests in a rolling window, for each user apart. */
interface RateLimiter {
  /** Counts a request of this user. Throws a `Refusal` with `Retry-After` once the user's requests are spent. */
  take(user: string, nowMs: number): void;
}

/** Makes a rate limiter. Keeps one instant for each granted request of the window: at most `requests` for each user. */
export function createRateLimiter({ requests, windowMs }: RateLimit): RateLimiter {
  const grantedAtMsByUser = new Map<string, number[]>();
  return {
    take(user, nowMs) {
      const grantedAtMs = (grantedAtMsByUser.get(user) ?? []).filter((instant) => instant > nowMs - windowMs);
      grantedAtMsByUser.set(user, grantedAtMs);
      if (grantedAtMs.length >= requests) {
        const waitMs = (grantedAtMs[0] ?? nowMs) + windowMs - nowMs;
        const headers = { 'retry-after': String(Math.ceil(waitMs / 1000)) };
        throw new Refusal(429, 'RATE_LIMITED', 'Too many requests', { headers });
      }
      grantedAtMs.push(nowMs);
    },
  };
}

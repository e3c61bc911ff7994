import { isFailure } from '../jobs/failures.ts';
import { finality } from '../jobs/job-progress.ts';
import type { JobOutcome } from './cache/job-cache.ts';
import type { When } from './cache/partitioned-cache.ts';
import type { Reader } from './read-scope.ts';

/** How long answers are cached, in milliseconds; 0 for not at all. */
export interface FreshnessLimits {
  /** Jobs that may still change, lists and counts. */
  readonly activeMs: number;
  /** Jobs that have ended and have their final cost. */
  readonly terminalMs: number;
  /** Jobs on hold: they do not change by waiting. */
  readonly holdMs: number;
}

/** A 403 or 404 is cached for a moment, so that a loop over a job that is gone costs little. */
const REFUSAL_MS = 1000;

/** How long the outcome of reading a job is ordinarily fresh, in milliseconds. */
export function freshnessOf(outcome: JobOutcome, limits: FreshnessLimits): number {
  if (isFailure(outcome)) return REFUSAL_MS;
  if (outcome.job.status === 'HOLD') return limits.holdMs;
  return finality(outcome.job) === 2 ? limits.terminalMs : limits.activeMs;
}

/**
 * How old something is to its reader: `fresh` is as good as just read, `slowed` will do because the key's budget runs
 * low, `old` will not do while the key may ask.
 */
export type Age = 'fresh' | 'slowed' | 'old';

/** The age of what was read. What was read since the operation began is fresh to it, and is never read again. */
export function ageOf(
  { askedSeq, read }: When,
  ordinaryMs: number,
  { scope, account }: Pick<Reader, 'scope' | 'account'>,
  nowMs: number,
): Age {
  if (read.seq > scope.startedSeq) return 'fresh';
  if (scope.mustBeFresh || askedSeq < account.missedSeq) return 'old';
  const ageMs = nowMs - read.atMs;
  const limitMs = Math.min(ordinaryMs, scope.maxAgeMs ?? ordinaryMs) * account.slowdown(nowMs);
  if (ageMs < limitMs) return ageMs < ordinaryMs ? 'fresh' : 'slowed';
  return 'old';
}

import { finality } from '../jobs/job-progress.ts';
import type { FetchedJob } from '../jobs/list-page.ts';
import { UpstreamError } from '../upstream/upstream-error.ts';
import type { Cached } from './cache/cached.ts';
import type { Reader } from './reader.ts';

/** For how long an answer serves again, in milliseconds; 0 for not at all. */
export interface FreshnessLimits {
  /** Jobs that may still change, lists and counts. */
  readonly activeMs: number;
  /** Jobs that have ended and have their final cost. */
  readonly terminalMs: number;
  /** Jobs on hold: they do not change by waiting. */
  readonly holdMs: number;
}

/** A refusal is remembered for a moment, so that a loop over a job that is gone costs little. */
const REFUSAL_MS = 1000;

/** For how long the outcome of reading a job ordinarily serves again, in milliseconds. */
export function freshnessOf(outcome: FetchedJob | UpstreamError, limits: FreshnessLimits): number {
  if (outcome instanceof UpstreamError) return REFUSAL_MS;
  if (outcome.job.status === 'HOLD') return limits.holdMs;
  return finality(outcome.job) === 2 ? limits.terminalMs : limits.activeMs;
}

/**
 * How old something is to its reader: `fresh` serves as if it had just been read, `stretched` serves because the
 * key's budget runs low, `old` does not serve while the service may be asked.
 */
export type Age = 'fresh' | 'stretched' | 'old';

/** The age of what was read. Whatever was read since the operation began is fresh to it, and never asked for again. */
export function ageOf(
  { readAtMs, moment }: Cached<unknown>,
  ordinaryMs: number,
  { scope, account }: Pick<Reader, 'scope' | 'account'>,
  nowMs: number,
): Age {
  if (moment > scope.startedSeq) return 'fresh';
  if (scope.mustBeFresh) return 'old';
  const ageMs = nowMs - readAtMs;
  const servesMs = Math.min(ordinaryMs, scope.maxAgeMs ?? ordinaryMs) * account.slowdown(nowMs);
  if (ageMs < servesMs) return ageMs < ordinaryMs ? 'fresh' : 'stretched';
  return 'old';
}

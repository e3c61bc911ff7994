import { UpstreamError } from '../upstream/upstream-error.ts';
import { isTerminal } from './is-terminal.ts';
import type { Remembered } from './job-memory.ts';
import type { KeyAccount } from './key-account.ts';
import type { ReadJob } from './list-page.ts';
import type { ReadScope } from './read-scope.ts';

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

/** For how long the outcome of reading a job serves again, in milliseconds. */
export function freshnessOf(outcome: ReadJob | UpstreamError, limits: FreshnessLimits): number {
  if (outcome instanceof UpstreamError) return REFUSAL_MS;
  const { status, cost } = outcome.job;
  if (status === 'HOLD') return limits.holdMs;
  // The final cost may arrive after the end.
  return isTerminal(status) && cost !== null ? limits.terminalMs : limits.activeMs;
}

/**
 * Whether what was read serves again: always within the operation that began before, never where it must be fresh,
 * else for its time, stretched as the key's budget runs low. Tells the scope of what is stretched.
 */
export function isFresh(
  { readAtMs, moment }: Remembered<unknown>,
  ordinaryMs: number,
  {
    scope,
    account,
    nowMs,
  }: { readonly scope: ReadScope; readonly account: KeyAccount; readonly nowMs: number },
): boolean {
  if (moment > scope.startedAt) return true;
  if (scope.mustBeFresh) return false;
  const ageMs = nowMs - readAtMs;
  if (ageMs < ordinaryMs) return true;
  if (ageMs >= ordinaryMs * account.stretch(nowMs)) return false;
  scope.markStale();
  return true;
}

import { isOutage } from '../../jobs/failures.ts';
import type { UpstreamError } from '../../upstream/upstream-error.ts';
import { Backoff } from './backoff.ts';
import { repeatFailure } from './repeat-failure.ts';

/** How long a failure is repeated instead of a request about the same subject, at most. */
const SUBJECT_LIMITS = { maxMs: 30_000, maxAskedMs: 60_000 };

/**
 * How long it is repeated instead of any request, at most. Shorter than that of a subject: where a few subjects alone
 * fail, others get their turn between them.
 */
const OUTAGE_LIMITS = { maxMs: 5000, maxAskedMs: 60_000 };

/** So many different subjects that fail, and nothing that succeeds for so many milliseconds, are an outage. */
const MANY = 3;
const QUIET_MS = 5000;

/**
 * For so many milliseconds after a wait, only a subject that has not failed itself may be asked. If it were not so, many
 * subjects that always fail would begin one wait after the other, and no other subject would ever be asked.
 */
const TURN_MS = 2000;

/** How many failures are kept for each key. */
const MAX_SUBJECTS = 100;

/** What failed so long ago, in milliseconds after its wait, fails anew, unless there is an outage. */
const FORGET_MS = 60_000;

interface Failure {
  readonly error: UpstreamError;
  readonly backoff: Backoff;
}

/**
 * What failed lately with one key. A failed subject is left alone for a moment that grows. So is all of upstream where
 * nothing but failures come: an outage must not spend the budget.
 */
export class RecentFailures {
  readonly #random: () => number;
  readonly #subjects = new Map<string, Failure>();
  readonly #outage: Backoff;
  #outageError: UpstreamError | null = null;
  /** Subjects that failed since the last success: no more than make an outage. */
  readonly #failing = new Set<string>();
  #succeededAtMs = Number.NEGATIVE_INFINITY;

  constructor(random: () => number) {
    this.#random = random;
    this.#outage = new Backoff({ ...OUTAGE_LIMITS, random });
  }

  /** Whether upstream was failing when it was last asked. */
  get isOutage(): boolean {
    return this.#outage.isFailing;
  }

  /** How long nothing at all should be asked, in milliseconds. */
  waitMs(nowMs: number): number {
    return this.#outage.waitMs(nowMs);
  }

  /** Whether a subject failed when it was last asked about, or all of upstream was failing. */
  isFailing(subject: string): boolean {
    return this.isOutage || this.#subjects.has(subject);
  }

  /** The failure that is repeated in an outage, with the time to wait: at least that of a turn. */
  outage(nowMs: number): UpstreamError | null {
    if (!this.isOutage || this.#outageError === null) return null;
    return repeatFailure(this.#outageError, Math.max(TURN_MS, this.waitMs(nowMs)));
  }

  /** The failure that stands for a request about a subject, with the time to wait: null where it should be asked. */
  repeat(subject: string, nowMs: number): UpstreamError | null {
    const failure = this.#subjects.get(subject);
    const turnMs = this.isOutage && failure !== undefined ? TURN_MS : 0;
    const outageMs = this.waitMs(nowMs) + turnMs;
    if (this.#outageError !== null && outageMs > 0) return repeatFailure(this.#outageError, outageMs);
    const waitMs = failure?.backoff.waitMs(nowMs) ?? 0;
    // In an outage a subject may wait for its turn for longer, and is not to come before those that never failed.
    if (!this.isOutage && waitMs < -FORGET_MS) this.#subjects.delete(subject);
    return failure !== undefined && waitMs > 0 ? repeatFailure(failure.error, waitMs) : null;
  }

  /** Takes note of the failure of a request about a subject, if it was sent. */
  failed(subject: string, error: UpstreamError, sentAtMs: number, nowMs: number): void {
    const { retryAfterMs, isUnsent = false } = error.facts;
    if (isUnsent) return;
    const backoff = this.#subjects.get(subject)?.backoff ?? this.#newBackoff();
    backoff.failed(sentAtMs, nowMs, retryAfterMs);
    this.#subjects.delete(subject);
    this.#subjects.set(subject, { error, backoff });
    const [oldest] = this.#subjects.keys();
    if (this.#subjects.size > MAX_SUBJECTS && oldest !== undefined) this.#subjects.delete(oldest);

    if (!isOutage(error)) return;
    if (this.#failing.size < MANY) this.#failing.add(subject);
    const isQuiet = this.#failing.size >= MANY && nowMs - this.#succeededAtMs >= QUIET_MS;
    if (!this.isOutage && !isQuiet) return;
    this.#outage.failed(sentAtMs, nowMs, retryAfterMs);
    this.#outageError = error;
  }

  /** Takes note that a request about a subject was answered. */
  succeeded(subject: string, sentAtMs: number, nowMs: number): void {
    this.#succeededAtMs = nowMs;
    this.#subjects.delete(subject);
    // To clear a set allocates, also where it is empty, as after most requests.
    if (this.#failing.size > 0) this.#failing.clear();
    this.#outage.succeeded(sentAtMs);
  }

  #newBackoff(): Backoff {
    return new Backoff({ ...SUBJECT_LIMITS, random: this.#random });
  }
}

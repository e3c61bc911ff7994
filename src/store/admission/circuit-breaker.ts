import { isOutage } from '../../jobs/failures.ts';
import type { UpstreamError } from '../../upstream/upstream-error.ts';
import { Backoff } from './backoff.ts';
import { repeatFailure } from './repeat-failure.ts';

/** What happened in the last so many milliseconds decides, second by second. */
const WINDOW_MS = 10_000;
const BUCKET_MS = 1000;

/** The breaker opens when at least this many requests ended in the window, and this share of them failed, */
const MIN_VOLUME = 10;
const MAX_FAILED_SHARE = 0.5;

/** of at least so many keys: what one key alone meets says nothing of upstream. */
const MIN_FAILING_KEYS = 2;

/** How long it stays open before the next probe, at most, in milliseconds. */
const OPEN_LIMITS = { maxMs: 10_000, maxAskedMs: 60_000 };

/** `open`: nothing is sent. `half-open`: one request at a time finds out whether upstream still fails. */
export type BreakerState = 'closed' | 'open' | 'half-open';

const NOTHING = (): void => {};

/** What happened in one second. */
interface Bucket {
  readonly startMs: number;
  successes: number;
  failures: number;
  /** The keys that failed: no more than are needed. */
  readonly failingKeys: Set<string>;
}

/**
 * Keeps the whole process from asking an upstream that fails for everybody. It counts what all keys meet; an outage that
 * only one key meets is the business of `RecentFailures`. Times are those of `Clock.now`.
 *
 * Bound: one bucket for each second of the window.
 */
export class CircuitBreaker {
  readonly #backoff: Backoff;
  #buckets: Bucket[] = [];
  #error: UpstreamError | null = null;
  #isProbing = false;

  /** @param random Spreads the ends of waits: from 0 up to but without 1. */
  constructor(random: () => number) {
    this.#backoff = new Backoff({ ...OPEN_LIMITS, random });
  }

  state(nowMs: number): BreakerState {
    if (!this.#backoff.isFailing) return 'closed';
    return this.#backoff.waitMs(nowMs) > 0 ? 'open' : 'half-open';
  }

  /** How long nothing is sent, in milliseconds: 0 or less where something may be. */
  waitMs(nowMs: number): number {
    return this.#backoff.waitMs(nowMs);
  }

  /** The failure that stands for a request while none may go out: null where one may. */
  repeat(nowMs: number): UpstreamError | null {
    const state = this.state(nowMs);
    if (this.#error === null || state === 'closed' || (state === 'half-open' && !this.#isProbing))
      return null;
    return repeatFailure(this.#error, Math.max(BUCKET_MS, this.#backoff.waitMs(nowMs)));
  }

  /** Notes that a request goes out. Returns what is to be called once it is done. */
  begin(nowMs: number): () => void {
    if (this.state(nowMs) === 'closed') return NOTHING;
    this.#isProbing = true;
    return () => {
      this.#isProbing = false;
    };
  }

  /** Notes that upstream answered a request, in whatever words: it is alive. */
  succeeded(sentAtMs: number, nowMs: number): void {
    const wasFailing = this.#backoff.isFailing;
    this.#backoff.succeeded(sentAtMs);
    if (wasFailing && !this.#backoff.isFailing) this.#buckets = [];
    this.#bucketAt(nowMs).successes += 1;
  }

  /** Notes the failure of a request that was sent. */
  failed(fingerprint: string, error: UpstreamError, sentAtMs: number, nowMs: number): void {
    if (error.facts.isUnsent === true || error.kind === 'invalid-response') return;
    if (!isOutage(error)) {
      this.succeeded(sentAtMs, nowMs);
      return;
    }
    const bucket = this.#bucketAt(nowMs);
    bucket.failures += 1;
    if (bucket.failingKeys.size < MIN_FAILING_KEYS) bucket.failingKeys.add(fingerprint);
    if (!this.#backoff.isFailing && !this.#isTooMuch()) return;
    this.#backoff.failed(sentAtMs, nowMs, error.facts.retryAfterMs);
    this.#error = error;
  }

  #isTooMuch(): boolean {
    let failures = 0;
    let total = 0;
    const keys = new Set<string>();
    for (const bucket of this.#buckets) {
      failures += bucket.failures;
      total += bucket.failures + bucket.successes;
      for (const key of bucket.failingKeys) keys.add(key);
    }
    return total >= MIN_VOLUME && failures >= MAX_FAILED_SHARE * total && keys.size >= MIN_FAILING_KEYS;
  }

  #bucketAt(nowMs: number): Bucket {
    const last = this.#buckets.at(-1);
    if (last !== undefined && nowMs - last.startMs < BUCKET_MS) return last;
    const bucket = { startMs: nowMs, successes: 0, failures: 0, failingKeys: new Set<string>() };
    this.#buckets = [...this.#buckets.filter(({ startMs }) => nowMs - startMs < WINDOW_MS), bucket];
    return bucket;
  }
}

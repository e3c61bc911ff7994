export interface BackoffLimits {
  /** The longest wait of its own, in milliseconds. */
  readonly maxMs: number;
  /** The longest wait that upstream may ask for, in milliseconds. */
  readonly maxAskedMs: number;
  /** Spreads the ends of waits: from 0 up to but without 1. */
  readonly random: () => number;
}

/** The first wait of its own. Upstream cannot ask for a shorter one. */
export const FIRST_MS = 1000;

/**
 * How long to leave alone what failed. Each further failure doubles the wait, unless upstream says how long. Times are
 * those of `Clock.now`.
 */
export class Backoff {
  readonly #limits: BackoffLimits;
  #untilMs = Number.NEGATIVE_INFINITY;
  /** How many waits there were without a success after them, each begun by a request sent after the one before. */
  #waits = 0;

  constructor(limits: BackoffLimits) {
    this.#limits = limits;
  }

  /** Whether the last thing that is known is a failure. */
  get isFailing(): boolean {
    return this.#waits > 0;
  }

  /** How much of the wait is left, in milliseconds: 0 or less where none is. */
  waitMs(nowMs: number): number {
    return this.#untilMs - nowMs;
  }

  /**
   * Takes note of a failure.
   *
   * @param retryAfterMs How long upstream asks to wait, if it says so.
   */
  failed(sentAtMs: number, nowMs: number, retryAfterMs: number | undefined): void {
    // Requests sent together fail together: that is one failure, not many.
    const isNews = sentAtMs >= this.#untilMs;
    // What upstream asks for in the name of politeness, such as 0 s, would be no wait at all.
    const askedMs = retryAfterMs !== undefined && retryAfterMs >= FIRST_MS ? retryAfterMs : null;
    if (!isNews && askedMs === null) return;
    const waitMs = askedMs === null ? this.#ownMs() : Math.min(askedMs, this.#limits.maxAskedMs);
    if (isNews) this.#waits += 1;
    this.#untilMs = Math.max(this.#untilMs, nowMs + waitMs);
  }

  /** Takes note of a success. That of a request sent before a failure proves nothing. */
  succeeded(sentAtMs: number): void {
    if (sentAtMs >= this.#untilMs) this.#waits = 0;
  }

  /** From half of the wait to all of it. */
  #ownMs(): number {
    const waitMs = Math.min(this.#limits.maxMs, FIRST_MS * 2 ** this.#waits);
    return waitMs * (0.5 + this.#limits.random() / 2);
  }
}

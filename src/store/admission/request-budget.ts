import type { BudgetState, Ledger } from './ledger.ts';

/** How many requests a key has. */
export interface BudgetLimits {
  readonly requests: number;
  /** The length of the rolling window, in milliseconds. */
  readonly windowMs: number;
}

/** The share of the budget that is kept for reads that must be fresh. */
const RESERVE = 0.1;

/** How much of the rest may be spent at any pace, as a share and at least; what remains comes back over the window. */
const BURST = 1 / 9;
const MIN_BURST = 10;

/**
 * Counts the requests of one key in a rolling window, and says how far they should be spread. Two measures work
 * together. The count, which is what upstream limits, stops requests. The pace is a bucket that drains with each request
 * and fills evenly. Long before the stop it makes answers stay fresh for longer, so that whoever polls on meets no stop.
 */
export class RequestBudget implements Ledger {
  readonly #limits: BudgetLimits;
  /** How many requests a window has without the reserve. */
  readonly #ordinary: number;
  readonly #capacity: number;
  readonly #refillPerMs: number;
  /** When each request of the window was sent, the oldest first, from `#first` on. */
  #sentAtMs: number[] = [];
  #first = 0;
  #level: number;
  #levelAtMs = 0;

  constructor(limits: BudgetLimits) {
    this.#limits = limits;
    this.#ordinary = Math.min(
      limits.requests,
      Math.max(1, limits.requests - Math.ceil(limits.requests * RESERVE)),
    );
    this.#capacity = Math.max(this.#ordinary * BURST, Math.min(this.#ordinary / 2, MIN_BURST));
    this.#refillPerMs = (this.#ordinary - this.#capacity) / limits.windowMs;
    this.#level = this.#capacity;
  }

  /** Counts one request. It may have been sent before others that are counted already. */
  spend(atMs: number): void {
    this.#forget(atMs);
    const later = this.#sentAtMs.length - 1 - this.#sentAtMs.findLastIndex((sentAtMs) => sentAtMs <= atMs);
    if (later === 0) this.#sentAtMs.push(atMs);
    else this.#sentAtMs.splice(Math.max(this.#first, this.#sentAtMs.length - later), 0, atMs);
    const nowMs = Math.max(atMs, this.#levelAtMs);
    this.#level = this.#levelNow(nowMs) - 1;
    this.#levelAtMs = nowMs;
  }

  /** How long to wait until a request may be sent, in milliseconds: 0 for at once. */
  waitMs(nowMs: number, mayUseReserve: boolean): number {
    this.#forget(nowMs);
    const allowed = this.limit(mayUseReserve);
    if (this.#used < allowed) return 0;
    const blockerAtMs = this.#sentAtMs[this.#sentAtMs.length - allowed] ?? nowMs;
    return blockerAtMs + this.#limits.windowMs - nowMs;
  }

  /** How many requests a window has: fewer for those who leave the reserve alone. */
  limit(mayUseReserve: boolean): number {
    return mayUseReserve ? this.#limits.requests : this.#ordinary;
  }

  /**
   * The factor by which answers stay fresh for longer: 1 for no longer, without bounds as what may be spent goes to
   * nothing.
   * Wherever it is finite, a request may be sent: who polls slows down and does not meet a stop.
   */
  slowdown(nowMs: number): number {
    const spendable = Math.max(this.#levelNow(nowMs), this.#trickle(nowMs));
    return spendable > 0 ? Math.max(1, this.#capacity / 2 / spendable) : Number.POSITIVE_INFINITY;
  }

  state(nowMs: number): BudgetState {
    this.#forget(nowMs);
    const { requests, windowMs } = this.#limits;
    const oldestMs = this.#sentAtMs[this.#first];
    return {
      limit: requests,
      used: this.#used,
      remaining: Math.max(0, requests - this.#used),
      resetAtMs: oldestMs === undefined ? null : oldestMs + windowMs,
    };
  }

  get #used(): number {
    return this.#sentAtMs.length - this.#first;
  }

  #levelNow(nowMs: number): number {
    return Math.min(this.#capacity, this.#level + (nowMs - this.#levelAtMs) * this.#refillPerMs);
  }

  /**
   * What may be spent where the bucket is overdrawn, by much that was read once and by no polling: what is left of the
   * window, spread over the length of one. The first request of it only comes when its time has passed in full.
   */
  #trickle(nowMs: number): number {
    this.#forget(nowMs);
    const left = this.#ordinary - this.#used;
    const lastMs = this.#sentAtMs.at(-1) ?? nowMs;
    return ((nowMs - lastMs) * left) / this.#limits.windowMs - 1;
  }

  #forget(nowMs: number): void {
    const sinceMs = nowMs - this.#limits.windowMs;
    while ((this.#sentAtMs[this.#first] ?? Number.POSITIVE_INFINITY) <= sinceMs) this.#first += 1;
    // Shifting an array is slow and keeping it whole is a leak: it is cut once half of it is past.
    if (this.#first * 2 > this.#sentAtMs.length) {
      this.#sentAtMs = this.#sentAtMs.slice(this.#first);
      this.#first = 0;
    }
  }
}

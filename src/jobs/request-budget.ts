/** How many requests a key has. */
export interface BudgetLimits {
  readonly requests: number;
  /** The length of the rolling window, in milliseconds. */
  readonly windowMs: number;
}

/** What a key has left. */
export interface BudgetState {
  readonly limit: number;
  readonly used: number;
  readonly remaining: number;
  /** When the next request becomes available again, in milliseconds since the epoch: null where none was used. */
  readonly resetAtMs: number | null;
}

/** The share of the budget that is kept for reads that must be fresh. */
const RESERVE = 0.1;

/** The share of the rest that may be spent at any pace; the remainder comes back evenly over the window. */
const BURST = 1 / 9;

/** Freshness is never stretched further than this: polling slows down, but does not stop. */
const MAX_STRETCH = 15;

/**
 * Counts the requests of one key in a rolling window, and says how far they should be spread. Two measures work
 * together: the count, which is what the service looks at, stops requests; the pace, a bucket that drains with each
 * request and fills evenly, stretches freshness long before, so that whoever polls on meets no stop.
 */
export class RequestBudget {
  readonly #limits: BudgetLimits;
  readonly #capacity: number;
  readonly #refillPerMs: number;
  /** When each request of the window was sent, the oldest first, from `#first` on. */
  #sentAtMs: number[] = [];
  #first = 0;
  #level: number;
  #levelAtMs = 0;

  constructor(limits: BudgetLimits) {
    this.#limits = limits;
    const usable = limits.requests * (1 - RESERVE);
    this.#capacity = usable * BURST;
    this.#refillPerMs = (usable - this.#capacity) / limits.windowMs;
    this.#level = this.#capacity;
  }

  /** Counts one request. */
  spend(nowMs: number): void {
    this.#forget(nowMs);
    this.#sentAtMs.push(nowMs);
    this.#level = this.#levelNow(nowMs) - 1;
    this.#levelAtMs = nowMs;
  }

  /** How long to wait until a request may be sent, in milliseconds: 0 for at once. */
  waitMs(nowMs: number, mayUseReserve: boolean): number {
    const { requests, windowMs } = this.#limits;
    this.#forget(nowMs);
    const allowed = mayUseReserve ? requests : Math.max(1, Math.floor(requests * (1 - RESERVE)));
    const blocker = this.#sentAtMs[this.#sentAtMs.length - allowed];
    const isBlocked = this.#used >= allowed && blocker !== undefined;
    return isBlocked ? blocker + windowMs - nowMs : 0;
  }

  /** By how much freshness is to be stretched: 1 for not at all. */
  stretch(nowMs: number): number {
    const comfortable = this.#capacity / 2;
    const level = this.#levelNow(nowMs);
    if (level >= comfortable) return 1;
    return level <= 0 ? MAX_STRETCH : Math.min(MAX_STRETCH, comfortable / level);
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

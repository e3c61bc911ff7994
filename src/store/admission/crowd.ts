/** How many requests may be under way, those that wait for a connection too, however quick they are. */
const MAX_FACTOR = 16;

/** A request that takes no longer than this, with its wait for a connection, has not waited long, in milliseconds. */
const QUICK_MS = 500;

/** How much the latest request counts in how long they take. */
const WEIGHT = 0.1;

/**
 * Says whether too many requests are under way for one more. Up to a limit they never are. Beyond it one more will do as long
 * as requests are quick in spite of those that wait: it waits no longer than they did.
 */
export class Crowd {
  readonly #limit: number;
  #count = 0;
  /** How long requests take lately, with their waits: a moving average. As long as nobody knows, they count as slow. */
  #tookMs = Number.POSITIVE_INFINITY;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** How many are under way. */
  get count(): number {
    return this.#count;
  }

  get isFull(): boolean {
    if (this.#count < this.#limit) return false;
    return this.#tookMs > QUICK_MS || this.#count >= MAX_FACTOR * this.#limit;
  }

  begin(): void {
    this.#count += 1;
  }

  /** Notes that a request was not sent after all. */
  withdraw(): void {
    this.#count -= 1;
  }

  end(tookMs: number): void {
    this.#count -= 1;
    this.#tookMs = Number.isFinite(this.#tookMs) ? this.#tookMs + WEIGHT * (tookMs - this.#tookMs) : tookMs;
  }
}

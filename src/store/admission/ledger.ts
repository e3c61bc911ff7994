/** What a key has left. */
export interface BudgetState {
  readonly limit: number;
  readonly used: number;
  readonly remaining: number;
  /** When the next request becomes available again, in milliseconds since the epoch: null where none was used. */
  readonly resetAtMs: number | null;
}

/** Counts the requests that are sent with one key, and says how far they should be spread. Times are those of `Clock.now`. */
export interface Ledger {
  /** Counts one request that was sent at a time. */
  spend(atMs: number): void;
  /** How long to wait until a request may be sent, in milliseconds: 0 for at once. */
  waitMs(nowMs: number, mayUseReserve: boolean): number;
  /** The factor by which answers stay fresh for longer: 1 for no longer. See `RequestBudget.slowdown`. */
  slowdown(nowMs: number): number;
  /** What is left. */
  state(nowMs: number): BudgetState;
}

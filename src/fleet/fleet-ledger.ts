import type { BudgetState, Ledger } from '../store/admission/ledger.ts';
import { type BudgetLimits, RequestBudget } from '../store/admission/request-budget.ts';

export interface FleetLedgerOptions {
  /** What all replicas may send together while they can count together. */
  readonly shared: BudgetLimits;
  /** What this one may send besides while they cannot. */
  readonly alone: BudgetLimits;
  /** Whether the replicas count together now. */
  readonly isShared: () => boolean;
}

/**
 * The requests that all replicas have sent with one key, as far as this one knows: it notes its own and hears of the others.
 * While replicas cannot count together, each has a small share of its own, which they never grant together.
 *
 * Bound: the requests of one window.
 */
export class FleetLedger implements Ledger {
  readonly #options: FleetLedgerOptions;
  readonly #together: RequestBudget;
  readonly #alone: RequestBudget;
  /** When each request was sent (`Clock.now`), by its name, in the order in which they became known. */
  readonly #sent = new Map<string, number>();

  constructor(options: FleetLedgerOptions) {
    this.#options = options;
    this.#together = new RequestBudget(options.shared);
    this.#alone = new RequestBudget(options.alone);
  }

  /** Counts nothing: whoever sends a request calls {@link note} once it has a name. */
  spend(): void {}

  /** Notes a request of any replica, once. What another one says that makes no sense is no request, and none was sent in the future. */
  note(request: string, atMs: number, nowMs: number): void {
    const isOfWindow = atMs > nowMs - this.#options.shared.windowMs;
    if (this.#sent.has(request) || !isOfWindow) return;
    const sentAtMs = Math.min(atMs, nowMs);
    this.#sent.set(request, sentAtMs);
    this.#together.spend(sentAtMs);
    this.#forget(nowMs);
  }

  /**
   * Notes a request that this replica sends while it counts alone, unless its share is spent: then it returns how long to wait, in
   * milliseconds. Many may have been admitted since the last one was noted.
   */
  noteAlone(request: string, nowMs: number, mayUseReserve: boolean): number {
    const waitMs = this.#alone.waitMs(nowMs, mayUseReserve);
    if (waitMs > 0) return waitMs;
    this.#alone.spend(nowMs);
    this.note(request, nowMs, nowMs);
    return 0;
  }

  waitMs(nowMs: number, mayUseReserve: boolean): number {
    return this.#current.waitMs(nowMs, mayUseReserve);
  }

  slowdown(nowMs: number): number {
    return this.#current.slowdown(nowMs);
  }

  state(nowMs: number): BudgetState {
    const together = this.#together.state(nowMs);
    if (this.#options.isShared()) return together;
    return { ...together, remaining: this.#alone.state(nowMs).remaining };
  }

  /** How many requests may be sent together in a window: fewer for those who leave the reserve alone. */
  limit(mayUseReserve: boolean): number {
    return this.#together.limit(mayUseReserve);
  }

  /** The requests of the window that are known, and when they were sent (`Clock.now`). */
  known(nowMs: number): readonly (readonly [request: string, atMs: number])[] {
    const sinceMs = nowMs - this.#options.shared.windowMs;
    return [...this.#sent].filter(([, atMs]) => atMs > sinceMs);
  }

  get #current(): RequestBudget {
    return this.#options.isShared() ? this.#together : this.#alone;
  }

  #forget(nowMs: number): void {
    const sinceMs = nowMs - this.#options.shared.windowMs;
    for (const [request, atMs] of this.#sent) {
      if (atMs > sinceMs) return;
      this.#sent.delete(request);
    }
  }
}

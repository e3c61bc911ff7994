import type { UpstreamError } from '../upstream/upstream-error.ts';
import { type BudgetLimits, type BudgetState, RequestBudget } from './request-budget.ts';

/** For how long a key that the service refused is not tried again. */
const INVALID_KEY_MS = 10_000;

/** The first wait after a 429 that names none; each further one doubles it. */
const FIRST_BACKOFF_MS = 1000;
const MAX_BACKOFF_MS = 60_000;

/** What the process knows of one key, but for what was read with it: whether it may ask, and how often it did. */
export class KeyAccount {
  /** The name of the key's part of the memory. A new one begins when the key is refused: what it saw is gone. */
  space: number;
  readonly #budget: RequestBudget;
  readonly #windowMs: number;
  #isProven = false;
  #invalid: { readonly error: UpstreamError; readonly untilMs: number } | null = null;
  #heldUntilMs = 0;
  #held = 0;

  constructor(space: number, limits: BudgetLimits) {
    this.space = space;
    this.#budget = new RequestBudget(limits);
    this.#windowMs = limits.windowMs;
  }

  /** Whether the service ever accepted the key. */
  get isProven(): boolean {
    return this.#isProven;
  }

  /** The refusal of the key itself, while it is remembered. */
  refusal(nowMs: number): UpstreamError | null {
    return this.#invalid !== null && nowMs < this.#invalid.untilMs ? this.#invalid.error : null;
  }

  /** How long nothing may be sent with the key, in milliseconds: 0 where it may. */
  waitMs(nowMs: number, mayUseReserve: boolean): number {
    return Math.max(this.#heldUntilMs - nowMs, this.#budget.waitMs(nowMs, mayUseReserve));
  }

  stretch(nowMs: number): number {
    return this.#budget.stretch(nowMs);
  }

  spend(nowMs: number): void {
    this.#budget.spend(nowMs);
  }

  succeeded(): void {
    this.#isProven = true;
    this.#held = 0;
  }

  /** Takes note of a failure. `freshSpace` becomes the key's space where the failure is that of the key itself. */
  failed(error: UpstreamError, nowMs: number, freshSpace: () => number, random: () => number): void {
    if (error.kind === 'unauthenticated') {
      this.#invalid = { error, untilMs: nowMs + INVALID_KEY_MS };
      this.space = freshSpace();
    }
    if (error.kind === 'forbidden' || error.kind === 'not-found') this.succeeded();
    if (error.kind === 'rate-limited') this.#hold(error.facts.retryAfterMs, nowMs, random);
  }

  /** The budget as a client should see it: nothing is left while the service wants to be left alone. */
  state(nowMs: number): BudgetState {
    const state = this.#budget.state(nowMs);
    return nowMs < this.#heldUntilMs ? { ...state, remaining: 0, resetAtMs: this.#heldUntilMs } : state;
  }

  #hold(retryAfterMs: number | undefined, nowMs: number, random: () => number): void {
    const backoffMs = Math.min(MAX_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** this.#held) * (0.5 + random() / 2);
    const waitMs = Math.min(retryAfterMs ?? backoffMs, this.#windowMs);
    this.#held += 1;
    this.#heldUntilMs = Math.max(this.#heldUntilMs, nowMs + waitMs);
  }
}

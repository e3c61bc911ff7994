import type { UpstreamError } from '../../upstream/upstream-error.ts';
import { type BudgetLimits, type BudgetState, RequestBudget } from './request-budget.ts';

/** For how long a key that the service refused is not tried again. */
const INVALID_KEY_MS = 10_000;

/** The first wait after a 429 that names none; each further one doubles it. */
const FIRST_BACKOFF_MS = 1000;
const MAX_BACKOFF_MS = 60_000;

export interface KeyAccountOptions {
  readonly fingerprint: string;
  readonly limits: BudgetLimits;
  /** Gives a number that it never gave before. */
  readonly newSpace: () => number;
  /** Spreads the ends of waits: from 0 up to but without 1. */
  readonly random: () => number;
}

/** What the process knows of one key, but for what was read with it: whether it may ask, and how often it did. */
export class KeyAccount {
  readonly fingerprint: string;
  readonly #budget: RequestBudget;
  readonly #windowMs: number;
  readonly #newSpace: () => number;
  readonly #random: () => number;
  #space: number;
  #isProven = false;
  #invalid: { readonly error: UpstreamError; readonly untilMs: number } | null = null;
  #heldUntilMs = 0;
  /** How many holds without a success between them went by, each begun by a request sent after the one before. */
  #holds = 0;

  constructor({ fingerprint, limits, newSpace, random }: KeyAccountOptions) {
    this.fingerprint = fingerprint;
    this.#budget = new RequestBudget(limits);
    this.#windowMs = limits.windowMs;
    this.#newSpace = newSpace;
    this.#random = random;
    this.#space = newSpace();
  }

  /** The name of the key's part of the memory. Another one each time the key is refused: what it saw is gone. */
  get space(): number {
    return this.#space;
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

  /** By how much freshness is to be stretched: see `RequestBudget.slowdown`. */
  slowdown(nowMs: number): number {
    return this.#budget.slowdown(nowMs);
  }

  /** Counts one request. */
  spend(nowMs: number): void {
    this.#budget.spend(nowMs);
  }

  /** Takes note that the service accepted the key of a request sent at a time. */
  accepted(sentAtMs: number): void {
    this.#isProven = true;
    if (sentAtMs >= this.#heldUntilMs) this.#holds = 0;
  }

  /** Takes note of the failure of a request sent at a time. */
  failed(error: UpstreamError, sentAtMs: number, nowMs: number): void {
    if (error.kind === 'unauthenticated') {
      this.#invalid = { error, untilMs: nowMs + INVALID_KEY_MS };
      this.#space = this.#newSpace();
    }
    if (error.kind === 'forbidden' || error.kind === 'not-found') this.accepted(sentAtMs);
    if (error.kind === 'rate-limited') this.#hold(error.facts.retryAfterMs, sentAtMs, nowMs);
  }

  /** The budget as a client should see it: nothing is left while the service wants to be left alone. */
  state(nowMs: number): BudgetState {
    const state = this.#budget.state(nowMs);
    if (nowMs >= this.#heldUntilMs) return state;
    return { ...state, remaining: 0, resetAtMs: nowMs + this.waitMs(nowMs, true) };
  }

  #hold(retryAfterMs: number | undefined, sentAtMs: number, nowMs: number): void {
    // Requests sent together are refused together: that is one hold, not many.
    const isNews = sentAtMs >= this.#heldUntilMs;
    if (!isNews && retryAfterMs === undefined) return;
    const waitMs = retryAfterMs ?? this.#backoffMs();
    if (isNews) this.#holds += 1;
    this.#heldUntilMs = Math.max(this.#heldUntilMs, nowMs + Math.min(waitMs, this.#windowMs));
  }

  /** From half of the wait to all of it. */
  #backoffMs(): number {
    const waitMs = Math.min(MAX_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** this.#holds);
    return waitMs * (0.5 + this.#random() / 2);
  }
}

import { NEVER, type Seq } from '../../jobs/seq.ts';
import type { UpstreamError } from '../../upstream/upstream-error.ts';
import { Backoff } from './backoff.ts';
import { Crowd } from './crowd.ts';
import type { BudgetState, Ledger } from './ledger.ts';
import { RecentFailures } from './recent-failures.ts';
import { type BudgetLimits, RequestBudget } from './request-budget.ts';

/** How long a key that was refused is not tried again, in milliseconds. Each further refusal doubles it, up to the longest. */
const REFUSAL_MS = { first: 10_000, longest: 300_000 };

/** The longest wait after a 429 that does not say how long, in milliseconds. */
const MAX_HOLD_MS = 60_000;

export interface KeyAccountOptions {
  readonly fingerprint: string;
  readonly limits: BudgetLimits;
  /** Counts its requests. @default a ledger of the process by itself */
  readonly ledger?: Ledger | undefined;
  /** How many of its requests may be under way, unless they are quick: see `Crowd`. @default no limit */
  readonly maxInFlight?: number | undefined;
  /** Gives a number that it never gave before. */
  readonly newPartition: () => number;
  /** Hears of a partition of which nothing may be shown any more as it was shown before. @default nobody */
  readonly onDoubt?: (partition: number) => void;
  /** Spreads the ends of waits: from 0 up to but without 1. */
  readonly random: () => number;
}

/** What the process knows of one key, except what was read with it: whether it may ask, and how often it did. */
export class KeyAccount {
  readonly fingerprint: string;
  readonly ledger: Ledger;
  readonly #newPartition: () => number;
  readonly #onDoubt: (partition: number) => void;
  readonly #newHold: () => Backoff;
  #hold: Backoff;
  #heldAtMs = Number.NEGATIVE_INFINITY;
  readonly #failures: RecentFailures;
  #partition: number;
  #missedSeq = NEVER;
  #isProven = false;
  #invalid: { readonly error: UpstreamError; readonly untilMs: number } | null = null;
  /** How many refusals there were since the key was accepted last. Those of requests that were sent together are one. */
  #refusals = 0;
  #probe: Promise<void> | null = null;
  readonly #crowd: Crowd;

  constructor(options: KeyAccountOptions) {
    const { fingerprint, limits, maxInFlight, newPartition, onDoubt = () => {}, random } = options;
    this.fingerprint = fingerprint;
    this.#crowd = new Crowd(maxInFlight ?? Number.POSITIVE_INFINITY);
    this.ledger = options.ledger ?? new RequestBudget(limits);
    this.#newPartition = newPartition;
    this.#onDoubt = onDoubt;
    this.#newHold = () => new Backoff({ maxMs: MAX_HOLD_MS, maxAskedMs: limits.windowMs, random });
    this.#hold = this.#newHold();
    this.#failures = new RecentFailures(random);
    this.#partition = newPartition();
  }

  /** The key's part of the cache. Another one each time the key is refused: what was read with it is gone. */
  get partition(): number {
    return this.#partition;
  }

  /**
   * Until then other processes may have read with the key what is not in the cache here. What was asked for before is old, however
   * lately that was.
   */
  get missedSeq(): Seq {
    return this.#missedSeq;
  }

  /** Takes note that others may have read something until then that is not in the cache. */
  miss(seq: Seq): void {
    if (seq <= this.#missedSeq) return;
    this.#missedSeq = seq;
    this.#onDoubt(this.#partition);
  }

  /** Whether the key was ever accepted. */
  get isProven(): boolean {
    return this.#isProven;
  }

  /** The failure that stands for any request while one finds out whether upstream still fails: null where none does. */
  outage(nowMs: number): UpstreamError | null {
    return this.#failures.outage(nowMs);
  }

  /** Resolves once the one request is done that finds out whether upstream still fails: null where there is none. */
  get probe(): Promise<void> | null {
    return this.#probe;
  }

  /** Whether so many of its requests are under way that a new operation would wait for long. */
  get isCrowded(): boolean {
    return this.#crowd.isFull;
  }

  /** The failure that stands for a request about a subject, while it is repeated: of the key itself, or of upstream. */
  failure(subject: string, nowMs: number): UpstreamError | null {
    if (this.#invalid !== null && this.refusalWaitMs(nowMs) > 0) return this.#invalid.error;
    return this.#failures.repeat(subject, nowMs);
  }

  /** How long the key is not tried again because it was refused, in milliseconds: 0 or less where it may be tried. */
  refusalWaitMs(nowMs: number): number {
    return (this.#invalid?.untilMs ?? nowMs) - nowMs;
  }

  /** How long the key has no request to spend, in milliseconds: 0 where it has one. */
  budgetWaitMs(nowMs: number, mayUseReserve: boolean): number {
    return Math.max(this.#hold.waitMs(nowMs), this.spentWaitMs(nowMs, mayUseReserve));
  }

  /** The same without the hold after a 429. */
  spentWaitMs(nowMs: number, mayUseReserve: boolean): number {
    return this.ledger.waitMs(nowMs, mayUseReserve);
  }

  /** How long a 429 still holds the key, in milliseconds: 0 or less for not at all. */
  holdWaitMs(nowMs: number): number {
    return this.#hold.waitMs(nowMs);
  }

  /** How long the key must wait because of its budget, a hold or an outage, in milliseconds: 0 for not at all. */
  waitMs(nowMs: number): number {
    return Math.max(this.budgetWaitMs(nowMs, false), this.#failures.waitMs(nowMs));
  }

  /** The factor by which answers stay fresh for longer: see `RequestBudget.slowdown`. */
  slowdown(nowMs: number): number {
    return this.ledger.slowdown(nowMs);
  }

  /** Counts one request. Returns what is to be called once it is done, with the time then, or null if it was not sent. */
  spend(nowMs: number): (doneAtMs: number | null) => void {
    this.ledger.spend(nowMs);
    this.#crowd.begin();
    const endProbe = this.#failures.isOutage ? this.#startProbe() : null;
    return (doneAtMs) => {
      if (doneAtMs === null) this.#crowd.withdraw();
      else this.#crowd.end(doneAtMs - nowMs);
      endProbe?.();
    };
  }

  /** Counts the same request once more, unless what is known says that it would only fail again. */
  retry(subject: string, nowMs: number, mayUseReserve: boolean): boolean {
    const isHopeless = this.#failures.isFailing(subject) || this.budgetWaitMs(nowMs, mayUseReserve) > 0;
    if (!isHopeless) this.ledger.spend(nowMs);
    return !isHopeless;
  }

  /** Takes note that a request about a subject, sent at a time, was answered: also with 403 or 404. */
  accepted(subject: string, sentAtMs: number, nowMs: number): void {
    // Only another address could send during the hold of a key that was not proven: it was none of the key.
    if (!this.#isProven && sentAtMs > this.#heldAtMs) this.#hold = this.#newHold();
    this.#isProven = true;
    if (this.refusalWaitMs(sentAtMs) <= 0) this.#refusals = 0;
    this.#hold.succeeded(sentAtMs);
    this.#failures.succeeded(subject, sentAtMs, nowMs);
  }

  /** Takes note that the key was accepted once, by whomever it was asked with. */
  prove(): void {
    this.#isProven = true;
  }

  /** Takes note of the failure of a request about a subject, sent at a time. */
  failed(subject: string, error: UpstreamError, sentAtMs: number, nowMs: number): void {
    if (error.kind === 'unauthenticated') {
      const knownMs = this.#invalid?.untilMs ?? Number.NEGATIVE_INFINITY;
      // What was sent before the key could be tried again is one with the refusal that is known.
      if (sentAtMs >= knownMs || this.#refusals === 0) this.#refusals += 1;
      const ownMs = nowMs + Math.min(REFUSAL_MS.first * 2 ** (this.#refusals - 1), REFUSAL_MS.longest);
      this.#refuseUntil(error, nowMs < knownMs ? knownMs : ownMs);
    } else if (error.kind === 'rate-limited') {
      this.hold(sentAtMs, nowMs, error.facts.retryAfterMs);
    } else {
      this.#isProven ||= error.kind === 'forbidden' || error.kind === 'not-found';
      this.#failures.failed(subject, error, sentAtMs, nowMs);
    }
  }

  /** Takes note that upstream refuses the key: it is not tried again until then. What was read with it is gone. */
  refuse(error: UpstreamError, untilMs: number): void {
    if (untilMs > (this.#invalid?.untilMs ?? Number.NEGATIVE_INFINITY)) this.#refusals += 1;
    this.#refuseUntil(error, untilMs);
  }

  #refuseUntil(error: UpstreamError, untilMs: number): void {
    this.#invalid = { error, untilMs };
    this.giveUp();
  }

  /** Takes note of a 429 to a request that was sent at a time. */
  hold(sentAtMs: number, nowMs: number, retryAfterMs: number | undefined): void {
    this.#hold.failed(sentAtMs, nowMs, retryAfterMs);
    this.#heldAtMs = nowMs;
  }

  /** Gives up the key's part of the cache: what was read with it may not be shown any more. */
  giveUp(): void {
    this.#onDoubt(this.#partition);
    this.#partition = this.#newPartition();
  }

  /** The budget as a client should see it: nothing is left while the key is held. */
  state(nowMs: number): BudgetState {
    const state = this.ledger.state(nowMs);
    if (this.#hold.waitMs(nowMs) <= 0) return state;
    return { ...state, remaining: 0, resetAtMs: nowMs + this.budgetWaitMs(nowMs, true) };
  }

  #startProbe(): () => void {
    let done = () => {};
    const probe = new Promise<void>((resolve) => {
      done = resolve;
    });
    this.#probe = probe;
    return () => {
      if (this.#probe === probe) this.#probe = null;
      done();
    };
  }
}

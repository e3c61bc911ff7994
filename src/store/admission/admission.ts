import type { ApiKey } from '../../auth/api-key.ts';
import { isFailure } from '../../jobs/failures.ts';
import type { Seq } from '../../jobs/seq.ts';
import type { Clock } from '../../lib/clock.ts';
import { UpstreamError } from '../../upstream/upstream-error.ts';
import { type BreakerState, CircuitBreaker } from './circuit-breaker.ts';
import { Crowd } from './crowd.ts';
import type { KeyAccount } from './key-account.ts';
import { KeyAccounts } from './key-accounts.ts';
import type { Ledger } from './ledger.ts';
import type { LogicalClock } from './logical-clock.ts';
import type { BudgetLimits } from './request-budget.ts';
import { spent } from './spent.ts';
import { Strangers } from './strangers.ts';
import type { PendingRequest, Permit, Served, UpstreamPort } from './upstream-port.ts';

/** How many requests may be under way, those that wait for a connection too, unless they are quick: see `Crowd`. */
export interface InFlightLimits {
  readonly total: number;
  readonly perKey: number;
}

export interface AdmissionOptions {
  readonly limits: BudgetLimits;
  /** Makes the ledger of a key. @default one of the process by itself */
  readonly newLedger?: (() => Ledger) | undefined;
  readonly inFlight: InFlightLimits;
  /** How many refused keys one client address may send in a window. */
  readonly maxRefusedKeys: number;
  readonly clock: Clock;
  readonly logicalClock: LogicalClock;
  /** See `KeyAccountOptions.onDoubt`. @default nobody */
  readonly onDoubt?: (partition: number) => void;
  /** Spreads the ends of waits: from 0 up to but without 1. */
  readonly random: () => number;
}

/** How long others wait for the request that finds out whether upstream still fails, in milliseconds. */
const PROBE_PATIENCE_MS = 1000;

/** How long a key that was never accepted waits for others of its address, in milliseconds. */
const STRANGER_PATIENCE_MS = 5000;

/** When those should come again who come while too much is under way, in milliseconds. */
const OVERLOAD_MS = 1000;

/** The way upstream of a process by itself: decides which requests go out, and hears what comes of them. */
export class Admission implements UpstreamPort {
  readonly #clock: Clock;
  readonly #logicalClock: LogicalClock;
  readonly #accounts: KeyAccounts;
  readonly #breaker: CircuitBreaker;
  readonly #strangers: Strangers;
  readonly #crowd: Crowd;

  constructor(options: AdmissionOptions) {
    const { limits, inFlight, maxRefusedKeys, clock, logicalClock, random } = options;
    this.#clock = clock;
    this.#logicalClock = logicalClock;
    const { perKey: maxInFlight } = inFlight;
    this.#accounts = new KeyAccounts({
      limits,
      newLedger: options.newLedger,
      random,
      maxInFlight,
      onDoubt: options.onDoubt,
    });
    this.#breaker = new CircuitBreaker(random);
    this.#crowd = new Crowd(inFlight.total);
    const share = { refusedKeys: maxRefusedKeys, windowMs: limits.windowMs, random };
    this.#strangers = new Strangers(share, clock);
  }

  get seq(): Seq {
    return this.#logicalClock.latest;
  }

  /** The account of a key: always the same while requests are in flight. */
  accountOf(key: ApiKey): KeyAccount {
    return this.#accounts.of(key);
  }

  /** Whether requests go out at all. */
  get breaker(): BreakerState {
    return this.#breaker.state(this.#clock.now());
  }

  /** How long a key must wait until it may ask, in milliseconds: 0 or less for not at all. */
  waitMs(account: KeyAccount): number {
    const nowMs = this.#clock.now();
    return Math.max(account.waitMs(nowMs), this.#breaker.waitMs(nowMs));
  }

  /** The share of its budget that each key has used that sent anything in the last window, from 0 to 1. */
  usedShares(): readonly number[] {
    const nowMs = this.#clock.now();
    const states = [...this.#accounts.all()].map((account) => account.state(nowMs));
    return states.filter(({ used }) => used > 0).map(({ used, limit }) => used / limit);
  }

  /** Nothing: a process by itself has read all that is in its cache. */
  catchUp(): null {
    return null;
  }

  isCurrent(): boolean {
    return true;
  }

  enter<T>(request: PendingRequest<T>): Permit | Promise<Permit | Served<T>> {
    this.#assertMayAsk(request);
    const enteredAtMs = this.#clock.now();
    const turn = this.#turnOf(request, enteredAtMs);
    return turn === null ? this.#permit(request) : this.#enterAfter(turn, request, enteredAtMs);
  }

  async #enterAfter<T>(
    first: Promise<void>,
    request: PendingRequest<T>,
    enteredAtMs: number,
  ): Promise<Permit | Served<T>> {
    for (let turn: Promise<void> | null = first; turn !== null; turn = this.#turnOf(request, enteredAtMs)) {
      await turn;
      request.signal.throwIfAborted();
      const served = request.lookup();
      if (served !== null) return { served };
      this.#assertMayAsk(request);
    }
    return this.#permit(request);
  }

  /** A process by itself hears of no news. */
  onNews(): () => void {
    return () => {};
  }

  #permit<T>(request: PendingRequest<T>): Permit {
    const { account, subject } = request;
    const { seq, atMs } = this.#logicalClock.stamp();
    const done = this.#begin(request, atMs);
    const failed = (error: unknown) => {
      const failure = this.#note(request, error, atMs);
      done(this.#clock.now());
      return failure;
    };
    return {
      askedSeq: seq,
      retry: () =>
        this.breaker === 'closed' && account.retry(subject, this.#clock.now(), request.mayUseReserve),
      landed: () => {
        const landed = this.#logicalClock.stamp();
        this.noteAccepted(account, subject, atMs, landed.atMs);
        done(landed.atMs);
        return landed;
      },
      failed,
      lost: async (error) => failed(error),
      withdraw: () => done(null),
    };
  }

  /** Takes note that another process knows a key as one that was accepted. */
  noteProven(account: KeyAccount): void {
    account.prove();
    this.#accounts.sort(account);
  }

  /** Takes note that a request about a subject, sent at a time, was answered: also one of another process. */
  noteAccepted(account: KeyAccount, subject: string, sentAtMs: number, nowMs: number): void {
    this.#breaker.succeeded(sentAtMs, nowMs);
    account.accepted(subject, sentAtMs, nowMs);
    this.#strangers.accepted(account);
    this.#accounts.sort(account);
  }

  /** Takes note that a request about a subject, sent at a time, failed: also one of another process. */
  noteFailed(
    account: KeyAccount,
    subject: string,
    error: UpstreamError,
    sentAtMs: number,
    nowMs: number,
  ): void {
    account.failed(subject, error, sentAtMs, nowMs);
    this.#breaker.failed(account.fingerprint, error, sentAtMs, nowMs);
  }

  /** What a request must wait for: null for nothing. */
  #turnOf<T>(request: PendingRequest<T>, enteredAtMs: number): Promise<void> | null {
    // While upstream fails, one request at a time finds out whether it still does. The others wait for what it finds.
    const { account } = request;
    const nowMs = this.#clock.now();
    if (account.probe !== null) {
      return this.#withPatience(account.probe, PROBE_PATIENCE_MS, () => account.outage(this.#clock.now()));
    }
    const turn = this.#strangers.turnOf(request, nowMs);
    return turn && this.#withPatience(turn, enteredAtMs + STRANGER_PATIENCE_MS - nowMs, overloaded);
  }

  /** Waits for a turn, but not for one that takes too long. Then it fails, if there is a failure for that. */
  #withPatience(
    turn: Promise<void>,
    patienceMs: number,
    toFailure: () => UpstreamError | null,
  ): Promise<void> {
    return new Promise((resolve, reject) => {
      const cancel = this.#clock.schedule(patienceMs, () => {
        const failure = toFailure();
        if (failure === null) resolve();
        else reject(failure);
      });
      turn.then(() => {
        cancel();
        resolve();
      });
    });
  }

  /** Counts a request that goes out. Returns what is to be called once it is done, with the time then, or null if it was not sent. */
  #begin<T>(request: PendingRequest<T>, nowMs: number): (doneAtMs: number | null) => void {
    const endProbe = this.#breaker.begin(nowMs);
    const endOfKey = request.account.spend(nowMs);
    const endOfStranger = this.#strangers.begin(request);
    this.#crowd.begin();
    return (doneAtMs) => {
      if (doneAtMs === null) this.#crowd.withdraw();
      else this.#crowd.end(doneAtMs - nowMs);
      endProbe();
      endOfKey(doneAtMs);
      endOfStranger();
    };
  }

  #assertMayAsk<T>(request: PendingRequest<T>): void {
    const { account, subject, isFirst, mayUseReserve } = request;
    const nowMs = this.#clock.now();
    const failure = account.failure(subject, nowMs) ?? this.#breaker.repeat(nowMs);
    if (failure !== null) throw failure;
    if (isFirst && (account.isCrowded || this.#crowd.isFull)) throw overloaded();
    const waitMs = ownWaitMs(account, nowMs, mayUseReserve);
    if (waitMs > 0) throw spent(waitMs);
    const guardMs = this.#strangers.waitMs(request, nowMs);
    if (guardMs <= 0) return;
    if (guardMs <= this.#strangers.heldMs(request, nowMs)) throw spent(guardMs);
    throw new UpstreamError(
      'rate-limited',
      'Too many keys from this address were refused: a key that was never accepted must wait.',
      { retryAfterMs: Math.ceil(guardMs) },
    );
  }

  /** Takes note of a failure, and gives it back with what is known of the time to wait. */
  #note<T>(request: PendingRequest<T>, error: unknown, sentAtMs: number): unknown {
    const { account, subject } = request;
    const nowMs = this.#clock.now();
    if (isFailure(error)) this.noteFailed(account, subject, error, sentAtMs, nowMs);
    this.#strangers.failed(request, error, sentAtMs, nowMs);
    this.#accounts.sort(account);
    if (!isFailure(error) || error.kind !== 'rate-limited') return error;
    const waitMs = Math.max(ownWaitMs(account, nowMs, true), this.#strangers.waitMs(request, nowMs));
    return new UpstreamError(error.kind, error.message, { ...error.facts, retryAfterMs: Math.ceil(waitMs) });
  }
}

function overloaded(): UpstreamError {
  return new UpstreamError(
    'overloaded',
    'The gateway has as many requests to the qBraid API under way as it can carry: try again in a moment.',
    { retryAfterMs: OVERLOAD_MS, isUnsent: true },
  );
}

/** How long a key waits by itself. A 429 to one that was never accepted is held against its address only. */
function ownWaitMs(account: KeyAccount, nowMs: number, mayUseReserve: boolean): number {
  return account.isProven
    ? account.budgetWaitMs(nowMs, mayUseReserve)
    : account.spentWaitMs(nowMs, mayUseReserve);
}

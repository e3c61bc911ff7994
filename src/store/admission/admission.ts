import type { ApiKey } from '../../auth/api-key.ts';
import type { Seq } from '../../jobs/seq.ts';
import type { Clock } from '../../lib/clock.ts';
import { UpstreamError } from '../../upstream/upstream-error.ts';
import { type BreakerState, CircuitBreaker } from './circuit-breaker.ts';
import type { KeyAccount } from './key-account.ts';
import { KeyAccounts } from './key-accounts.ts';
import type { LogicalClock } from './logical-clock.ts';
import { type BudgetLimits, RequestBudget } from './request-budget.ts';
import type { PendingRequest, Permit, Served, UpstreamPort } from './upstream-port.ts';

/** How many requests may be under way: those that wait for a connection, too. */
export interface InFlightLimits {
  readonly total: number;
  readonly perKey: number;
}

export interface AdmissionOptions {
  readonly limits: BudgetLimits;
  /** @default no limits */
  readonly inFlight?: InFlightLimits | undefined;
  readonly clock: Clock;
  readonly logicalClock: LogicalClock;
  /** Spreads the ends of waits: from 0 up to but without 1. */
  readonly random: () => number;
}

/** Upstream lets an address fail to authenticate 100 times in a window: this many leave a margin for others. */
const MAX_REFUSED_KEYS = 60;

/** How many requests of one key that was never accepted are in flight: so many stop no other key. */
const MAX_OF_STRANGER = 16;

const NO_LIMITS: InFlightLimits = { total: Number.POSITIVE_INFINITY, perKey: Number.POSITIVE_INFINITY };

/** How long others wait for the request that finds out whether upstream still fails, in milliseconds. */
const PROBE_PATIENCE_MS = 1000;

/** When those should come again who come while too much is under way, in milliseconds. */
const OVERLOAD_MS = 1000;

/** A refusal comes soon. What is in flight for longer, in milliseconds, is slow, and keeps nobody else waiting. */
const REFUSAL_MS = 2000;

/** The way upstream of a process by itself: decides which requests go out, and hears what comes of them. */
export class Admission implements UpstreamPort {
  readonly #clock: Clock;
  readonly #logicalClock: LogicalClock;
  readonly #accounts: KeyAccounts;
  readonly #breaker: CircuitBreaker;
  readonly #limits: InFlightLimits;
  #inFlight = 0;
  /** Counts answers of 401, which upstream charges to the gateway's address, whoever's key it was. */
  readonly #refusedKeys: RequestBudget;
  /** How many requests of keys that were never accepted were sent just now: each may be answered with 401. */
  #strangers = 0;
  /** Those who wait for one of these to be answered. */
  readonly #waiting = new Set<() => void>();

  constructor({ limits, inFlight = NO_LIMITS, clock, logicalClock, random }: AdmissionOptions) {
    this.#clock = clock;
    this.#logicalClock = logicalClock;
    this.#accounts = new KeyAccounts(limits, random);
    this.#breaker = new CircuitBreaker(random);
    this.#limits = inFlight;
    this.#refusedKeys = new RequestBudget({ requests: MAX_REFUSED_KEYS, windowMs: limits.windowMs });
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

  async enter<T>(request: PendingRequest<T>): Promise<Permit | Served<T>> {
    const { account, subject, lookup, signal } = request;
    this.#assertMayAsk(request);
    for (let turn = this.#turnOf(account); turn !== null; turn = this.#turnOf(account)) {
      await turn;
      signal.throwIfAborted();
      const served = lookup();
      if (served !== null) return { served };
      this.#assertMayAsk(request);
    }
    const { seq, atMs } = this.#logicalClock.stamp();
    const done = this.#begin(account, atMs);
    return {
      askedSeq: seq,
      retry: () =>
        this.breaker === 'closed' && account.retry(subject, this.#clock.now(), request.mayUseReserve),
      landed: async () => {
        const landed = this.#logicalClock.stamp();
        this.#breaker.succeeded(atMs, landed.atMs);
        account.accepted(subject, atMs, landed.atMs);
        this.#accounts.sort(account);
        done();
        return landed;
      },
      failed: (error) => {
        const failure = error instanceof UpstreamError ? this.#note(account, subject, error, atMs) : error;
        done();
        return failure;
      },
    };
  }

  /** What a request must wait for: null for nothing. */
  #turnOf(account: KeyAccount): Promise<void> | null {
    // While upstream fails, one request at a time finds out whether it still does. The others wait for what it finds.
    if (account.probe !== null) return this.#withPatience(account, account.probe);
    const { used } = this.#refusedKeys.state(this.#clock.now());
    const isFree = used + this.#strangers < MAX_REFUSED_KEYS && account.inFlight < MAX_OF_STRANGER;
    if (account.isProven || isFree) return null;
    return new Promise((resolve) => this.#waiting.add(resolve));
  }

  /** Waits for a probe, but not for one that hangs. */
  #withPatience(account: KeyAccount, probe: Promise<void>): Promise<void> {
    return new Promise((resolve, reject) => {
      const cancel = this.#clock.schedule(PROBE_PATIENCE_MS, () => {
        const outage = account.outage(this.#clock.now());
        if (outage === null) resolve();
        else reject(outage);
      });
      probe.then(() => {
        cancel();
        resolve();
      });
    });
  }

  /** Counts a request that goes out. Returns what is to be called once it is done. */
  #begin(account: KeyAccount, nowMs: number): () => void {
    const endProbe = this.#breaker.begin(nowMs);
    const endRequest = account.spend(nowMs);
    this.#inFlight += 1;
    const done = () => {
      this.#inFlight -= 1;
      endProbe();
      endRequest();
    };
    if (account.isProven) return done;
    this.#strangers += 1;
    let isCounted = true;
    const resume = () => {
      if (isCounted) this.#strangers -= 1;
      isCounted = false;
      for (const goOn of this.#waiting) goOn();
      this.#waiting.clear();
    };
    const cancel = this.#clock.schedule(REFUSAL_MS, resume);
    return () => {
      cancel();
      done();
      resume();
    };
  }

  #assertMayAsk<T>({ account, subject, isFirst, mayUseReserve }: PendingRequest<T>): void {
    const nowMs = this.#clock.now();
    const failure = account.failure(subject, nowMs) ?? this.#breaker.repeat(nowMs);
    if (failure !== null) throw failure;
    const { total, perKey } = this.#limits;
    if (isFirst && (account.inFlight >= perKey || this.#inFlight >= total)) throw overloaded();
    const waitMs = account.budgetWaitMs(nowMs, mayUseReserve);
    if (waitMs > 0) throw held('The key may send no more requests upstream for now.', waitMs);
    const guardMs = account.isProven ? 0 : this.#refusedKeys.waitMs(nowMs, true);
    if (guardMs > 0) {
      throw held('Too many keys were refused lately: a key that was never accepted must wait.', guardMs);
    }
  }

  /** Takes note of a failure, and gives it back with what is known of the time to wait. */
  #note(account: KeyAccount, subject: string, error: UpstreamError, sentAtMs: number): UpstreamError {
    const nowMs = this.#clock.now();
    if (error.kind === 'unauthenticated') this.#refusedKeys.spend(nowMs);
    account.failed(subject, error, sentAtMs, nowMs);
    this.#breaker.failed(account.fingerprint, error, sentAtMs, nowMs);
    this.#accounts.sort(account);
    if (error.kind !== 'rate-limited') return error;
    const retryAfterMs = Math.ceil(account.budgetWaitMs(nowMs, true));
    return new UpstreamError(error.kind, error.message, { ...error.facts, retryAfterMs });
  }
}

function overloaded(): UpstreamError {
  return new UpstreamError(
    'overloaded',
    'The gateway has as many requests to the qBraid API under way as it can carry: try again in a moment.',
    { retryAfterMs: OVERLOAD_MS, isUnsent: true },
  );
}

function held(message: string, waitMs: number): UpstreamError {
  return new UpstreamError('rate-limited', message, { retryAfterMs: Math.ceil(waitMs) });
}

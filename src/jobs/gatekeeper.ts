import { LRUCache } from 'lru-cache';
import type { ApiKey } from '../auth/api-key.ts';
import type { Clock } from '../lib/clock.ts';
import { UpstreamError } from '../upstream/upstream-error.ts';
import { KeyAccount } from './key-account.ts';
import type { ReadScope } from './read-scope.ts';
import { type BudgetLimits, RequestBudget } from './request-budget.ts';

/** The accounts that are kept: those of the keys used last. */
const MAX_ACCOUNTS = 10_000;

/** The service lets an address fail to authenticate 100 times in a window: this many leave a margin for others. */
const MAX_REFUSED_KEYS = 60;

/** Decides which requests go out, and hears what comes of them. One for the process. */
export class Gatekeeper {
  readonly #limits: BudgetLimits;
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #accounts = new LRUCache<string, KeyAccount>({ max: MAX_ACCOUNTS });
  /** Counts answers of 401, which the service charges to the gateway's address, whoever's key it was. */
  readonly #refusedKeys: RequestBudget;
  #spaces = 0;

  constructor(limits: BudgetLimits, clock: Clock, random: () => number) {
    this.#limits = limits;
    this.#clock = clock;
    this.#random = random;
    this.#refusedKeys = new RequestBudget({ requests: MAX_REFUSED_KEYS, windowMs: limits.windowMs });
  }

  /** The account of a key, by its whole fingerprint: no two keys share one. */
  accountOf({ fingerprint }: ApiKey): KeyAccount {
    const known = this.#accounts.get(fingerprint);
    if (known !== undefined) return known;
    const account = new KeyAccount(this.#nextSpace(), this.#limits);
    this.#accounts.set(fingerprint, account);
    return account;
  }

  /**
   * Sends one request, if the account and the operation may. What it throws at once, not as a rejection, is not the
   * fault of the request but of who wants it.
   *
   * @throws {UpstreamError} the remembered refusal of the key; `rate-limited` where nothing may go out now.
   * @throws {TooExpensiveError} where the operation has no more requests.
   */
  pass<T>(account: KeyAccount, scope: ReadScope, send: () => Promise<T>): Promise<T> {
    this.#assertMaySend(account, scope);
    account.spend(this.#clock.now());
    return this.#watch(account, send());
  }

  async #watch<T>(account: KeyAccount, answer: Promise<T>): Promise<T> {
    try {
      const value = await answer;
      account.succeeded();
      return value;
    } catch (error) {
      throw error instanceof UpstreamError ? this.#note(account, error) : error;
    }
  }

  #assertMaySend(account: KeyAccount, scope: ReadScope): void {
    const nowMs = this.#clock.now();
    const refusal = account.refusal(nowMs);
    if (refusal !== null) throw refusal;

    const waitMs = account.waitMs(nowMs, scope.mustBeFresh);
    if (waitMs > 0) throw held('The key has used up its requests to the service for now.', waitMs);
    const guardMs = account.isProven ? 0 : this.#refusedKeys.waitMs(nowMs, true);
    if (guardMs > 0)
      throw held('Too many keys were refused lately: a key not known to be good must wait.', guardMs);
    scope.allowance.spend();
  }

  /** Takes note of a failure, and gives it back with what is known of the time to wait. */
  #note(account: KeyAccount, error: UpstreamError): UpstreamError {
    const nowMs = this.#clock.now();
    if (error.kind === 'unauthenticated') this.#refusedKeys.spend(nowMs);
    account.failed(error, nowMs, () => this.#nextSpace(), this.#random);
    if (error.kind !== 'rate-limited') return error;
    const retryAfterMs = Math.ceil(account.waitMs(nowMs, true));
    return new UpstreamError(error.kind, error.message, { ...error.facts, retryAfterMs });
  }

  #nextSpace(): number {
    this.#spaces += 1;
    return this.#spaces;
  }
}

function held(message: string, waitMs: number): UpstreamError {
  return new UpstreamError('rate-limited', message, { retryAfterMs: Math.ceil(waitMs) });
}

import type { ApiKey } from '../../auth/api-key.ts';
import type { Clock } from '../../lib/clock.ts';
import { UpstreamError } from '../../upstream/upstream-error.ts';
import type { KeyAccount } from './key-account.ts';
import { KeyAccounts } from './key-accounts.ts';
import type { OperationBudget } from './operation-budget.ts';
import { type BudgetLimits, RequestBudget } from './request-budget.ts';

/** The service lets an address fail to authenticate 100 times in a window: this many leave a margin for others. */
const MAX_REFUSED_KEYS = 60;

/** Who wants to ask. */
interface Asker {
  readonly account: KeyAccount;
  readonly scope: { readonly mustBeFresh: boolean; readonly operationBudget: OperationBudget };
}

/** Decides which requests go out, and hears what comes of them. One for the process. */
export class Admission {
  readonly #clock: Clock;
  readonly #accounts: KeyAccounts;
  /** Counts answers of 401, which the service charges to the gateway's address, whoever's key it was. */
  readonly #refusedKeys: RequestBudget;

  constructor(limits: BudgetLimits, clock: Clock, random: () => number) {
    this.#clock = clock;
    this.#accounts = new KeyAccounts(limits, random);
    this.#refusedKeys = new RequestBudget({ requests: MAX_REFUSED_KEYS, windowMs: limits.windowMs });
  }

  /** The account of a key: always the same while requests are under way. */
  accountOf(key: ApiKey): KeyAccount {
    return this.#accounts.of(key);
  }

  /**
   * Sends one request, if the account and the operation may. What it throws at once, not as a rejection, is not the
   * fault of the request but of who wants it.
   *
   * @throws {UpstreamError} the remembered refusal of the key; `rate-limited` where nothing may go out now.
   * @throws {GatewayError} `too-expensive` where the operation has no more requests.
   */
  pass<T>({ account, scope }: Asker, send: () => Promise<T>): Promise<T> {
    const nowMs = this.#clock.now();
    this.#assertMayAsk(account, scope.mustBeFresh, nowMs);
    scope.operationBudget.spend();
    account.spend(nowMs);
    return this.#watch(account, send(), nowMs);
  }

  #assertMayAsk(account: KeyAccount, mayUseReserve: boolean, nowMs: number): void {
    const refusal = account.refusal(nowMs);
    if (refusal !== null) throw refusal;
    const waitMs = account.waitMs(nowMs, mayUseReserve);
    if (waitMs > 0) throw held('The key may send no more requests to the service for now.', waitMs);
    const guardMs = account.isProven ? 0 : this.#refusedKeys.waitMs(nowMs, true);
    if (guardMs > 0) {
      throw held('Too many keys were refused lately: a key not known to be good must wait.', guardMs);
    }
  }

  async #watch<T>(account: KeyAccount, answer: Promise<T>, sentAtMs: number): Promise<T> {
    try {
      const value = await answer;
      account.accepted(sentAtMs);
      return value;
    } catch (error) {
      throw error instanceof UpstreamError ? this.#note(account, error, sentAtMs) : error;
    } finally {
      this.#accounts.sort(account);
    }
  }

  /** Takes note of a failure, and gives it back with what is known of the time to wait. */
  #note(account: KeyAccount, error: UpstreamError, sentAtMs: number): UpstreamError {
    const nowMs = this.#clock.now();
    if (error.kind === 'unauthenticated') this.#refusedKeys.spend(nowMs);
    account.failed(error, sentAtMs, nowMs);
    if (error.kind !== 'rate-limited') return error;
    const retryAfterMs = Math.ceil(account.waitMs(nowMs, true));
    return new UpstreamError(error.kind, error.message, { ...error.facts, retryAfterMs });
  }
}

function held(message: string, waitMs: number): UpstreamError {
  return new UpstreamError('rate-limited', message, { retryAfterMs: Math.ceil(waitMs) });
}

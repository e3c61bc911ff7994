import { LRUCache } from 'lru-cache';
import type { ApiKey } from '../../auth/api-key.ts';
import { atMost } from '../../lib/at-most.ts';
import { KeyAccount } from './key-account.ts';
import type { Ledger } from './ledger.ts';
import type { BudgetLimits } from './request-budget.ts';

/** How many accounts of each sort are kept. */
const MAX_ACCOUNTS = 10_000;

export interface KeyAccountsOptions {
  readonly limits: BudgetLimits;
  /** Makes the ledger of a key. @default one of the process by itself */
  readonly newLedger?: (() => Ledger) | undefined;
  readonly random: () => number;
  /** See `KeyAccountOptions`. */
  readonly maxInFlight?: number | undefined;
  /** See `KeyAccountOptions.onDoubt`. @default nobody */
  readonly onDoubt?: ((partition: number) => void) | undefined;
}

/**
 * The accounts of the keys used last, by the whole fingerprint: no two keys share one. Those of strangers, keys that
 * upstream never accepted, are kept apart: whoever tries one key after another pushes out no key known to be good.
 */
export class KeyAccounts {
  readonly #options: KeyAccountsOptions;
  readonly #proven = openAccounts();
  readonly #strangers = openAccounts();
  #partitions = 0;

  constructor(options: KeyAccountsOptions) {
    this.#options = options;
  }

  /** The account of a key. */
  of({ fingerprint }: ApiKey): KeyAccount {
    const known = this.#proven.get(fingerprint) ?? this.#strangers.get(fingerprint);
    if (known !== undefined) return known;
    const newPartition = () => {
      this.#partitions += 1;
      return this.#partitions;
    };
    const { onDoubt = () => {}, newLedger, ...options } = this.#options;
    const account = new KeyAccount({
      ...options,
      onDoubt,
      fingerprint,
      ledger: newLedger?.(),
      newPartition,
    });
    this.#strangers.set(fingerprint, account);
    return account;
  }

  /** The accounts of all keys that are kept. */
  *all(): Iterable<KeyAccount> {
    yield* this.#proven.values();
    yield* this.#strangers.values();
  }

  /** Moves an account among those of proven keys, once it is one. */
  sort(account: KeyAccount): void {
    const { fingerprint, isProven } = account;
    if (!isProven || this.#proven.has(fingerprint)) return;
    this.#proven.set(fingerprint, account);
    this.#strangers.delete(fingerprint);
  }
}

/** Whoever is evicted gets another account, and hears nothing of what becomes of the first one. */
function openAccounts(): LRUCache<string, KeyAccount> {
  return new LRUCache({
    ...atMost(MAX_ACCOUNTS),
    dispose: (account, _, reason) => {
      if (reason === 'evict') account.giveUp();
    },
  });
}

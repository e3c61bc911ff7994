import { LRUCache } from 'lru-cache';
import { isFailure } from '../../jobs/failures.ts';
import { atMost } from '../../lib/at-most.ts';
import type { Clock } from '../../lib/clock.ts';
import { AddressShare, type ShareLimits, type TakenPart } from './address-share.ts';
import type { KeyAccount } from './key-account.ts';

/** A request of a key that came from a client address. */
export interface StrangerRequest {
  readonly account: KeyAccount;
  /** Whose share it is: an opaque name for a client address. */
  readonly client: string;
}

const NOTHING = (): void => {};

/** How many addresses are kept. */
const MAX_ADDRESSES = 10_000;

/** A refusal comes soon. What is in flight for longer, in milliseconds, is slow, and keeps nobody else waiting. */
const REFUSAL_MS = 2000;

/**
 * Holds back strangers, keys that upstream never accepted, where too many were refused from their client address.
 * Upstream charges each refusal to the address of the gateway, whoever's key it was. The addresses used last are kept,
 * each for a window after its last use.
 */
export class Strangers {
  readonly #limits: ShareLimits;
  readonly #clock: Clock;
  readonly #shares: LRUCache<string, AddressShare>;
  /** What was taken for requests that were given up before their answer. A key gives it back once it is accepted. */
  readonly #unanswered = new WeakMap<KeyAccount, TakenPart[]>();

  constructor(limits: ShareLimits, clock: Clock) {
    this.#limits = limits;
    this.#clock = clock;
    this.#shares = new LRUCache({
      ...atMost(MAX_ADDRESSES),
      ttl: limits.windowMs,
      updateAgeOnGet: true,
      perf: clock,
      ttlResolution: 0,
    });
  }

  /** How long the key may send nothing from that address, in milliseconds: 0 where it may, and for each proven key. */
  waitMs({ account, client }: StrangerRequest, nowMs: number): number {
    if (account.isProven) return 0;
    return this.#shares.get(client)?.waitMs(account.fingerprint, nowMs) ?? 0;
  }

  /** How much of that is because of a 429 to the key itself, and not because of others of its address. */
  heldMs({ account, client }: StrangerRequest, nowMs: number): number {
    return this.#shares.get(client)?.heldMs(account.fingerprint, nowMs) ?? 0;
  }

  /** What a request must wait for because of what is in flight from its address: null for nothing. */
  turnOf({ account, client }: StrangerRequest, nowMs: number): Promise<void> | null {
    if (account.isProven) return null;
    return this.#shares.get(client)?.turnOf(account.fingerprint, nowMs) ?? null;
  }

  /** Counts a request that goes out. Returns what is to be called once it is done. */
  begin({ account, client }: StrangerRequest): () => void {
    if (account.isProven) return NOTHING;
    const { slow, done } = this.#shareOf(client).begin(account.fingerprint);
    const cancel = this.#clock.schedule(REFUSAL_MS, slow);
    return () => {
      cancel();
      done();
    };
  }

  /** Takes note that a key was accepted. */
  accepted(account: KeyAccount): void {
    for (const part of this.#unanswered.get(account) ?? []) part.untilMs = Number.NEGATIVE_INFINITY;
    this.#unanswered.delete(account);
  }

  /** Takes note of the failure of a request that was sent at a time, or of the reason why it was given up. */
  failed({ account, client }: StrangerRequest, error: unknown, sentAtMs: number, nowMs: number): void {
    if (isFailure(error) && error.kind === 'unauthenticated') {
      this.#shareOf(client).take(nowMs);
    } else if (account.isProven) {
      this.accepted(account);
    } else if (!isFailure(error)) {
      this.#givenUp(account, client, sentAtMs, nowMs);
    } else if (error.kind === 'rate-limited') {
      this.#shareOf(client).limit(account.fingerprint, sentAtMs, nowMs, error.facts.retryAfterMs);
    }
  }

  /** Who leaves before the answer might have been refused: otherwise one who leaves at once could try any number of keys. */
  #givenUp(account: KeyAccount, client: string, sentAtMs: number, nowMs: number): void {
    if (nowMs - sentAtMs >= REFUSAL_MS) return;
    const part = this.#shareOf(client).take(nowMs);
    this.#unanswered.set(account, [...(this.#unanswered.get(account) ?? []), part]);
  }

  #shareOf(client: string): AddressShare {
    const known = this.#shares.get(client);
    if (known !== undefined) return known;
    const share = new AddressShare(this.#limits);
    this.#shares.set(client, share);
    return share;
  }
}

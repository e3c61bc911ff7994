import type { Abandonment } from '../lib/abandonment.ts';
import type { Clock } from '../lib/clock.ts';
import { UpstreamError } from './upstream-error.ts';

export interface FairSlotsOptions {
  /** How many slots may be taken at once, over all keys. */
  readonly total: number;
  /** How many of them one key may have. */
  readonly perKey: number;
  /** How long a request may wait for its slot, in milliseconds. */
  readonly maxWaitMs: number;
  readonly clock: Clock;
}

interface Waiter {
  readonly owner: string;
  /** How many came before. */
  readonly order: number;
  readonly start: () => void;
}

/**
 * Permission to have a request in flight, shared fairly between keys. When a slot becomes free, the key with the
 * fewest slots gets it; among equals, the request that has waited longest.
 */
export class FairSlots {
  readonly #options: FairSlotsOptions;
  /** The owner of each taken slot, and how many it has taken. An owner without slots is not listed. */
  readonly #taken = new Map<string, number>();
  #takenTotal = 0;
  /**
   * By owner, in the order of arrival. Each of them waits because all slots, or all that its owner may have, are taken. An owner of
   * whom nobody waits is not listed.
   */
  readonly #waiting = new Map<string, Set<Waiter>>();
  #arrivals = 0;

  constructor(options: FairSlotsOptions) {
    this.#options = options;
  }

  /**
   * Resolves once `owner` has a slot. Whoever takes one must `free` it.
   *
   * @param owner the fingerprint of a key.
   * @throws {UpstreamError} of the kind `timeout` after `maxWaitMs`; the abort reason if `signal` aborts.
   */
  async take(owner: string, signal: Abandonment | undefined): Promise<void> {
    signal?.throwIfAborted();
    if (!this.takeNow(owner)) await this.#wait(owner, signal);
  }

  /** Takes a slot for `owner` if it need not wait for one. If it need not, it overtakes nobody: see `#waiting`. */
  takeNow(owner: string): boolean {
    if (!this.#mayStart(owner)) return false;
    this.#start(owner);
    return true;
  }

  /** Gives back one slot of `owner`. The next waiting request gets it at once. */
  free(owner: string): void {
    const left = this.#takenBy(owner) - 1;
    if (left === 0) this.#taken.delete(owner);
    else this.#taken.set(owner, left);
    this.#takenTotal -= 1;
    this.#next()?.start();
  }

  #wait(owner: string, signal: Abandonment | undefined): Promise<void> {
    const { clock, maxWaitMs } = this.#options;
    return new Promise((resolve, reject) => {
      const leave = () => {
        this.#dropWaiter(waiter);
        cancelTimer();
        signal?.removeEventListener('abort', onAbort);
      };
      const onAbort = () => {
        leave();
        reject(signal?.reason);
      };
      const waiter = {
        owner,
        order: this.#arrivals,
        start: () => {
          leave();
          this.#start(owner);
          resolve();
        },
      };
      const cancelTimer = clock.schedule(maxWaitMs, () => {
        leave();
        reject(waitedTooLong(maxWaitMs));
      });
      signal?.addEventListener('abort', onAbort);
      this.#addWaiter(waiter);
    });
  }

  #addWaiter(waiter: Waiter): void {
    this.#arrivals += 1;
    const others = this.#waiting.get(waiter.owner);
    if (others === undefined) this.#waiting.set(waiter.owner, new Set([waiter]));
    else others.add(waiter);
  }

  #dropWaiter(waiter: Waiter): void {
    const others = this.#waiting.get(waiter.owner);
    others?.delete(waiter);
    if (others?.size === 0) this.#waiting.delete(waiter.owner);
  }

  #next(): Waiter | undefined {
    let next: Waiter | undefined;
    for (const [owner, [first]] of this.#waiting) {
      if (first !== undefined && this.#mayStart(owner) && this.#isBefore(first, next)) next = first;
    }
    return next;
  }

  #isBefore(waiter: Waiter, other: Waiter | undefined): boolean {
    if (other === undefined) return true;
    const fewer = this.#takenBy(waiter.owner) - this.#takenBy(other.owner);
    return fewer < 0 || (fewer === 0 && waiter.order < other.order);
  }

  #mayStart(owner: string): boolean {
    const { total, perKey } = this.#options;
    return this.#takenTotal < total && this.#takenBy(owner) < perKey;
  }

  #start(owner: string): void {
    this.#taken.set(owner, this.#takenBy(owner) + 1);
    this.#takenTotal += 1;
  }

  #takenBy(owner: string): number {
    return this.#taken.get(owner) ?? 0;
  }
}

function waitedTooLong(maxWaitMs: number): UpstreamError {
  return new UpstreamError(
    'timeout',
    `No connection to the qBraid API became free within ${maxWaitMs} ms: send fewer requests at once, or try again.`,
    { isUnsent: true },
  );
}

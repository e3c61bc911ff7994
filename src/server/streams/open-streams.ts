import type { ApiKey } from '../../auth/api-key.ts';
import { GatewayError } from '../../lib/gateway-error.ts';

export interface StreamLimits {
  /** How many may be open at once. */
  readonly max: number;
  readonly maxPerKey: number;
}

/** Counts the event streams of subscriptions that are open, in all and for each key, and keeps them within bounds. */
export class OpenStreams {
  readonly #limits: StreamLimits;
  /** How many are open for each key, by fingerprint. Holds only keys that have one. */
  readonly #ofKey = new Map<string, number>();
  #size = 0;

  constructor(limits: StreamLimits) {
    this.#limits = limits;
  }

  /** How many are open. */
  get size(): number {
    return this.#size;
  }

  /**
   * Counts a stream that opens, for each of the keys that it watches with. Returns what tells that it has ended, once or
   * more often.
   *
   * @throws {GatewayError} `too-many-streams` if there would be too many.
   */
  open(keys: readonly ApiKey[]): () => void {
    const fingerprints = keys.map(({ fingerprint }) => fingerprint);
    this.#assertRoom(fingerprints);
    this.#count(fingerprints, 1);
    let isOpen = true;
    return () => {
      if (isOpen) this.#count(fingerprints, -1);
      isOpen = false;
    };
  }

  #assertRoom(fingerprints: readonly string[]): void {
    const { max, maxPerKey } = this.#limits;
    if (fingerprints.some((fingerprint) => this.#openFor(fingerprint) >= maxPerKey)) {
      throw new GatewayError(
        'too-many-streams',
        `A key may have at most ${maxPerKey} subscriptions open at once, and one of the request's keys has them: end some, or watch more jobs with each.`,
        { limit: 'MAX_STREAMS_PER_KEY', max: maxPerKey },
      );
    }
    if (this.#size >= max) {
      throw new GatewayError(
        'too-many-streams',
        `At most ${max} subscriptions may be open at once, and they are: try again later.`,
        { limit: 'MAX_STREAMS', max },
      );
    }
  }

  #openFor(fingerprint: string): number {
    return this.#ofKey.get(fingerprint) ?? 0;
  }

  #count(fingerprints: readonly string[], difference: 1 | -1): void {
    this.#size += difference;
    for (const fingerprint of fingerprints) {
      const count = this.#openFor(fingerprint) + difference;
      if (count === 0) this.#ofKey.delete(fingerprint);
      else this.#ofKey.set(fingerprint, count);
    }
  }
}

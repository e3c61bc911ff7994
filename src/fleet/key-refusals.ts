import type { Failure } from './fleet-link.ts';

/** What others are to be told of a request. Its partition is null where this replica knew of none: then it is of whichever the server has. */
export type Told = Omit<Failure, 'partition'> & { readonly partition: string | null };

/** So many partitions are remembered, the last ones. A log of one lives for 15 minutes, and a key is refused every ten seconds at most. */
const MAX_GIVEN_UP = 90;

/**
 * What a replica remembers of the refusals of a key, so that nothing that was read before one is shown after it: the refusal that the
 * server has not heard of, and the partitions that were given up. A server that was started from a snapshot may have one of these again.
 */
export class KeyRefusals {
  readonly #givenUp = new Set<string>();
  #untold: Told | null = null;

  /** Whether there is anything that a server which was gone may not know. */
  get isEmpty(): boolean {
    return this.#untold === null && this.#givenUp.size === 0;
  }

  /** The refusal to be told, once it is known of which partition it is. */
  get untold(): Failure | null {
    const partition = this.#untold?.partition ?? null;
    return this.#untold === null || partition === null ? null : { ...this.#untold, partition };
  }

  /** Remembers a refusal until it is {@link told}. */
  tellLater(refusal: Told): void {
    this.#untold = refusal;
  }

  /** The server has heard of a refusal. */
  told({ sent }: Failure): void {
    if (this.#untold?.sent === sent) this.#untold = null;
  }

  giveUp(partition: string): void {
    this.#givenUp.add(partition);
    const [oldest] = this.#givenUp;
    if (this.#givenUp.size > MAX_GIVEN_UP && oldest !== undefined) this.#givenUp.delete(oldest);
  }

  isGivenUp(partition: string): boolean {
    return this.#givenUp.has(partition);
  }

  /**
   * Takes note of the partition that the server has, or null for none. Returns whether that is one of before a refusal, which has to be
   * told first.
   *
   * @param refuse Makes a refusal of a partition that this replica has given up.
   */
  meet(partition: string | null, refuse: (partition: string) => Failure): boolean {
    if (this.#untold !== null && this.#untold.partition === null) {
      // Where the server has none, any name will do: the key gets the partition that the refusal names.
      this.#untold = { ...this.#untold, partition: partition ?? '-' };
      return true;
    }
    if (partition === null || !this.#givenUp.has(partition)) return false;
    this.#untold = refuse(partition);
    return true;
  }
}

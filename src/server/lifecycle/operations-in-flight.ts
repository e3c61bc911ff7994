/**
 * Counts the operations that are in flight: at most `max` in all, and half of that, rounded up, for one client. So one
 * client alone never takes what the others need.
 */
export class OperationsInFlight {
  readonly #max: number;
  readonly #maxOfClient: number;
  readonly #ofClient = new Map<string, number>();
  #count = 0;

  constructor(max: number) {
    this.#max = max;
    this.#maxOfClient = Math.ceil(max / 2);
  }

  /** Whether there is no place for anybody. */
  get isFull(): boolean {
    return this.#count >= this.#max;
  }

  /** Takes a place for an operation of this client. Returns what gives it back, or null if there is none. */
  take(client: string): (() => void) | null {
    const ofClient = this.#ofClient.get(client) ?? 0;
    if (this.isFull || ofClient >= this.#maxOfClient) return null;
    this.#count += 1;
    this.#ofClient.set(client, ofClient + 1);
    return () => this.#giveBack(client);
  }

  #giveBack(client: string): void {
    this.#count -= 1;
    const ofClient = (this.#ofClient.get(client) ?? 0) - 1;
    if (ofClient > 0) this.#ofClient.set(client, ofClient);
    else this.#ofClient.delete(client);
  }
}

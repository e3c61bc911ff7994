/** Whom a request comes from, as far as its head tells. */
export interface Sender {
  /** All addresses that count as one client: empty where nobody knows it. */
  readonly address: string;
  /** Its keys, as they came: empty for none. Kept while the request waits, as its headers are. */
  readonly keys: string;
}

/** A request that waits for its turn. */
export interface Arrival {
  readonly sender: Sender;
  readonly atMs: number;
  readonly begin: () => void;
  readonly refuse: () => void;
}

/** What waits from one address: in the order of arrival for each text of keys. */
interface Party {
  count: number;
  readonly byKeys: Map<string, Arrival[]>;
}

/**
 * Requests that wait, in turns: one of each address that has any, and of each address one of each text of keys that it has
 * any for. Whoever makes up keys has as many as he likes, but only one address; a proxy has one address for many keys.
 */
export class WaitingLine {
  /** Who had a turn stands at the end. */
  readonly #parties = new Map<string, Party>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  add(arrival: Arrival): void {
    const { address, keys } = arrival.sender;
    const party = this.#parties.get(address) ?? { count: 0, byKeys: new Map<string, Arrival[]>() };
    const same = party.byKeys.get(keys) ?? [];
    same.push(arrival);
    party.byKeys.set(keys, same);
    party.count += 1;
    this.#parties.set(address, party);
    this.#size += 1;
  }

  /** Takes out whose turn it is. */
  shift(): Arrival | undefined {
    const [party] = this.#parties.values();
    const [same] = party?.byKeys.values() ?? [];
    return this.#remove(same?.shift());
  }

  /** Takes out the latest of whoever has most. */
  dropFromLargest(): Arrival | undefined {
    const party = largest(this.#parties.values(), ({ count }) => count);
    const same = largest(party?.byKeys.values() ?? [], ({ length }) => length);
    return this.#remove(same?.pop());
  }

  /** Counts one less of its sender, who goes to the end. */
  #remove(arrival: Arrival | undefined): Arrival | undefined {
    if (arrival === undefined) return undefined;
    const { address, keys } = arrival.sender;
    const party = this.#parties.get(address);
    const same = party?.byKeys.get(keys);
    if (party === undefined || same === undefined) return undefined;
    this.#size -= 1;
    party.count -= 1;
    party.byKeys.delete(keys);
    if (same.length > 0) party.byKeys.set(keys, same);
    this.#parties.delete(address);
    if (party.count > 0) this.#parties.set(address, party);
    return arrival;
  }
}

/** The largest: among equals the last. */
function largest<T>(items: Iterable<T>, sizeOf: (item: T) => number): T | undefined {
  let found: T | undefined;
  for (const item of items) {
    if (found === undefined || sizeOf(item) >= sizeOf(found)) found = item;
  }
  return found;
}

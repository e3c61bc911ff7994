/** The place of one entry. */
export interface Slot {
  readonly partition: number;
  readonly name: string;
  /** The places that it is one of. */
  readonly slots: Slots;
}

/** The places of the entries of one kind, by partition and name. */
export class Slots {
  /** A partition without any is not listed. */
  readonly #slots = new Map<number, Map<string, Slot>>();

  find(partition: number, name: string): Slot | undefined {
    return this.#slots.get(partition)?.get(name);
  }

  /** The place of this name: a new one where there is none. */
  open(partition: number, name: string): Slot {
    const known = this.find(partition, name);
    if (known !== undefined) return known;
    const slot: Slot = { partition, name, slots: this };
    const others = this.#slots.get(partition);
    if (others === undefined) this.#slots.set(partition, new Map([[name, slot]]));
    else others.set(name, slot);
    return slot;
  }

  /** Forgets a place. */
  close({ partition, name }: Slot): void {
    const others = this.#slots.get(partition);
    others?.delete(name);
    if (others?.size === 0) this.#slots.delete(partition);
  }
}

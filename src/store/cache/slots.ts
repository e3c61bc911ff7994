/** The place of one entry. */
export class Slot {
  readonly partition: number;
  readonly name: string;
  readonly #slots: Slots;

  constructor(partition: number, name: string, slots: Slots) {
    this.partition = partition;
    this.name = name;
    this.#slots = slots;
  }

  /** There is no entry any more. */
  close(): void {
    this.#slots.delete(this);
  }
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
    const slot = new Slot(partition, name, this);
    const others = this.#slots.get(partition);
    if (others === undefined) this.#slots.set(partition, new Map([[name, slot]]));
    else others.set(name, slot);
    return slot;
  }

  delete(slot: Slot): void {
    const others = this.#slots.get(slot.partition);
    if (others?.get(slot.name) === slot) others.delete(slot.name);
    if (others?.size === 0) this.#slots.delete(slot.partition);
  }
}

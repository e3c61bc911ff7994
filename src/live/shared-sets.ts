/** Something that is as good as any other of its name, for as long as it has that name. */
export interface Named {
  /** Null while no other is as good. */
  readonly name: string | null;
}

/** The sets that several share, by their names. All are of one kind. */
export class SharedSets {
  /** By the names that they had when they were shared; and these names. */
  readonly #sets = new Map<string, Named>();
  readonly #names = new Map<Named, string>();

  /** How many may be shared. */
  get size(): number {
    return this.#sets.size;
  }

  /** The set that all share whose own has the name of this one: itself, if there is none. Null where it has no name. */
  share<T extends Named>(set: T): T | null {
    const { name } = set;
    if (name === null) return null;
    const shared = this.#sets.get(name) as T | undefined;
    // It may have got another name by now.
    if (shared?.name === name) return shared;
    this.unshare(set);
    this.#sets.set(name, set);
    this.#names.set(set, name);
    return set;
  }

  /** Nobody comes to share a set any more. */
  unshare(set: Named): void {
    const name = this.#names.get(set);
    if (name === undefined) return;
    this.#names.delete(set);
    if (this.#sets.get(name) === set) this.#sets.delete(name);
  }
}

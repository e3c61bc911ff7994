/** Gives texts that others choose as values of a label, but never more than `max` different ones. The rest is `other`. */
export class BoundedNames {
  readonly #max: number;
  readonly #known = new Set<string>();

  constructor(max: number) {
    this.#max = max;
  }

  /** Takes a name among the known ones, if there is room. */
  learn(name: string): void {
    if (this.#known.size < this.#max) this.#known.add(name);
  }

  /** The name if it is known, else `other`. */
  of(name: string): string {
    return this.#known.has(name) ? name : 'other';
  }
}

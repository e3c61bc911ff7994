const LONGEST_MICROS = 10_000_000;

/** Counts times by the microsecond. What takes longer than ten seconds counts as ten seconds. */
export class Histogram {
  #counts = new Uint32Array(LONGEST_MICROS + 1);
  #total = 0;

  add(ms) {
    this.#counts[Math.min(LONGEST_MICROS, Math.round(ms * 1000))] += 1;
    this.#total += 1;
  }

  get total() {
    return this.#total;
  }

  /** The time within which this share of all was done, in milliseconds. */
  at(share) {
    let left = Math.ceil(this.#total * share);
    const micros = this.#counts.findIndex((count) => {
      left -= count;
      return left <= 0;
    });
    return micros / 1000;
  }
}

declare const brand: unique symbol;

/**
 * Logical time: the order of what this process asked and heard. Each event has a greater one than every event before
 * it, also those of processes before this one, unless the machine's clock was far off. Seqs compare with `<` and `>`; a
 * comparison with milliseconds does not compile.
 */
export interface Seq {
  readonly [brand]: 'Seq';
}

/** When something happened: one reading of all clocks. */
export interface Stamp {
  /** For order. */
  readonly seq: Seq;
  /** Monotonic milliseconds (`Clock.now`), for ages. */
  readonly atMs: number;
  /** The wall clock (`Clock.date`), for people. */
  readonly date: Date;
}

/** So many events may happen in each millisecond. The seqs of the year 2200 are still exact numbers. */
const SEQS_PER_MS = 1024;

/** Before everything. */
export const NEVER = toSeq(0);

/** The seq of an event at a time (`Clock.now`) that follows the event `last`. */
export function nextSeq(last: Seq, nowMs: number): Seq {
  return toSeq(Math.max(toNumber(last) + 1, Math.floor(nowMs * SEQS_PER_MS)));
}

/** The latest of some seqs. */
export function latest(...seqs: readonly Seq[]): Seq {
  return seqs.reduce(later, NEVER);
}

/** The later of two seqs. */
export function later(a: Seq, b: Seq): Seq {
  return a > b ? a : b;
}

/** The earlier of two readings. */
export function earlier(a: Stamp, b: Stamp): Stamp {
  return b.atMs < a.atMs ? b : a;
}

/** The seq as a safe integer, to be written down. */
export function toNumber(seq: Seq): number {
  return seq as unknown as number;
}

/** The seq that {@link toNumber} wrote down. */
export function toSeq(number: number): Seq {
  return number as unknown as Seq;
}

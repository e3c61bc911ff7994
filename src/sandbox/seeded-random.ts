/** A source of pseudo-random values that gives the same values, in the same order, for the same seed. */
export interface SeededRandom {
  /** A number from 0 up to, and without, 1. */
  fraction(): number;
  /** A whole number from `min` to `max`, both included. */
  integer(min: number, max: number): number;
  /** Whether something happens that happens with this probability. */
  chance(probability: number): boolean;
  /** One of these items. Throws a `RangeError` if there are none. */
  pick<T>(items: readonly T[]): T;
  /** This many hexadecimal digits. */
  hex(digitCount: number): string;
}

/** Makes a source of pseudo-random values from any text. Not for secrets. */
export function createSeededRandom(seed: string): SeededRandom {
  let state = hashFnv1a(seed);

  /** Mulberry32. */
  function fraction(): number {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  const integer = (min: number, max: number) => min + Math.floor(fraction() * (max - min + 1));

  return {
    fraction,
    integer,
    chance: (probability) => fraction() < probability,
    pick(items) {
      const index = integer(0, items.length - 1);
      if (!(index in items)) throw new RangeError('pick needs at least one item, got none');
      return items[index] as (typeof items)[number];
    },
    hex: (digitCount) => Array.from({ length: digitCount }, () => integer(0, 15).toString(16)).join(''),
  };
}

function hashFnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (const character of text) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193);
  return hash;
}

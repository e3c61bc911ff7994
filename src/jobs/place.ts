import { type Anchor, createdAtMs, type Entry, toAnchor } from './entry.ts';

/** The very beginning of a list, its very end, or a place between two of its jobs. */
export type Boundary = 'start' | 'end' | Place;

/** Which way a list is read from a boundary: on to older places, or back to newer ones. */
export type Direction = 'forward' | 'backward';

/**
 * A place between two jobs of a list that may change. The anchors tell where it is; the offset, and what the total
 * was then, where to look for them first; the time, where it was if all of them are gone.
 */
export interface Place {
  /** How many jobs stood in front of the place. */
  readonly offset: number;
  /** How many jobs the list held. */
  readonly total: number;
  /** The jobs in front of the place, the nearest first: at most {@link MAX_ANCHORS}. */
  readonly before: readonly Anchor[];
  /** The jobs behind the place, the nearest first: at most {@link MAX_ANCHORS}. */
  readonly after: readonly Anchor[];
  /** When the nearest of these jobs was created, in milliseconds since the epoch. */
  readonly createdAtMs: number | null;
}

/** More than one, since the nearest job is the likeliest to leave a filtered list: it is the next to change status. */
export const MAX_ANCHORS = 4;

/** The boundary in front of `entries[index]`, or behind all of them where `index` is their number. */
export function placeAt(entries: readonly Entry[], index: number): Boundary {
  const before = entries.slice(Math.max(0, index - MAX_ANCHORS), index).reverse();
  const after = entries.slice(index, index + MAX_ANCHORS);
  const [last, next] = [before[0], after[0]];
  const nearest = last ?? next;
  if (nearest === undefined) return 'start';
  return {
    offset: last ? last.offset + 1 : nearest.offset,
    total: nearest.total,
    before: before.map(toAnchor),
    after: after.map(toAnchor),
    createdAtMs: [...before, ...after].map(createdAtMs).find((timeMs) => timeMs !== null) ?? null,
  };
}

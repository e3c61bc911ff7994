import type { Seq } from '../../jobs/seq.ts';
import type { Anchor } from './entry.ts';

/** The very beginning of a list, its very end, or a place between two of its jobs. */
export type Boundary = 'start' | 'end' | Bookmark;

/** Which way a list is read from a boundary: on to what stands behind it, or back to what stands in front of it. */
export type Direction = 'forward' | 'backward';

/**
 * A place between two jobs of a list that may change. The anchors tell where it is; the offset, and what the total
 * was then, where to look for them first; the time, where it was if all of them are gone.
 */
export interface Bookmark {
  /** How many jobs stood in front of the place. */
  readonly offset: number;
  /** How many jobs the list held. */
  readonly total: number;
  /** When the list was read: a client that has been at the place never sees the list as it was before. */
  readonly readSeq: Seq;
  /** The jobs in front of the place, the nearest first: at most {@link MAX_ANCHORS}. */
  readonly nearestBefore: readonly Anchor[];
  /** The jobs behind the place, the nearest first: at most {@link MAX_ANCHORS}, none where they were not in sight. */
  readonly nearestAfter: readonly Anchor[];
  /**
   * The creation time that divides what stands in front of the place from what stands behind it, in milliseconds
   * since the epoch. Null where the list was seen not to be in the order of time.
   */
  readonly createdAtMs: number | null;
}

/** More than one, since the nearest job is the likeliest to leave a filtered list: it is the next to change status. */
export const MAX_ANCHORS = 4;

/** The other direction. */
export function opposite(direction: Direction): Direction {
  return direction === 'forward' ? 'backward' : 'forward';
}

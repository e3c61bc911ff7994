import type { Seq } from '../../jobs/seq.ts';
import type { Anchor } from './entry.ts';

/** The start of a list, its end, or a bookmark between two of its jobs. */
export type Boundary = 'start' | 'end' | Bookmark;

/** Which way a list is read from a boundary: forward reads the jobs behind it, backward those in front of it. */
export type Direction = 'forward' | 'backward';

/**
 * Marks a place between two jobs of a list that may change. The anchors tell where the place is. The offset and the
 * total tell where to look for the anchors first. The creation time tells where the place is if all anchors are gone.
 */
export interface Bookmark {
  /** How many jobs stood in front of the bookmark. */
  readonly offset: number;
  /** How many jobs the list held. */
  readonly total: number;
  /** When the list was read. A client that has the bookmark never sees the list as it was before. */
  readonly readSeq: Seq;
  /** The jobs in front of the bookmark, the nearest first: at most {@link MAX_ANCHORS}. */
  readonly nearestBefore: readonly Anchor[];
  /** The jobs behind the bookmark, the nearest first: at most {@link MAX_ANCHORS}, none where they were not read. */
  readonly nearestAfter: readonly Anchor[];
  /**
   * The creation time between the jobs in front of the bookmark and those behind it, in milliseconds since the epoch.
   * Null where the list is not in the order of time.
   */
  readonly createdAtMs: number | null;
}

/** More than one: the nearest job is the most likely to leave a filtered list, since it changes status next. */
export const MAX_ANCHORS = 4;

/** The other direction. */
export function opposite(direction: Direction): Direction {
  return direction === 'forward' ? 'backward' : 'forward';
}

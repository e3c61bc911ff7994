import type { Bookmark, Boundary, Direction } from './bookmark.ts';
import { type Anchor, createdAtMs, isUnique, toAnchor } from './entry.ts';
import type { Segment } from './segment.ts';
import { orderOf } from './time-order.ts';

/**
 * Where a boundary is, as far as one segment tells: the index of the entry that it stands in front of (the number of
 * entries if it stands behind them all), the side of the segment that it is on, or `unknown`.
 */
export type Location = number | 'in-front' | 'behind' | 'unknown';

/** A segment, seen in the direction of reading from a bookmark. Backward, the segment is turned around. */
interface View {
  /** The indexes of the anchors that the reader has passed, the nearest first. -1 for one that is not here. */
  readonly passed: readonly number[];
  /** The same for the anchors that the reader has not reached. */
  readonly ahead: readonly number[];
  /** The side of the bookmark that the time of each entry puts it on: near (-1), far (1) or unknown (0). */
  readonly sides: readonly number[];
  /** Whether the segment is in an order of time, so that `sides` can be relied on. */
  readonly isOrdered: boolean;
  /** Whether the list has no job on the near side of the segment. */
  readonly isStart: boolean;
  /** Whether the list has no job on the far side of the segment. */
  readonly isEnd: boolean;
  /** Whether the list had no job on the near side of the bookmark. */
  readonly wasStart: boolean;
  /** Whether the list had no job on the far side of the bookmark. */
  readonly wasEnd: boolean;
}

/**
 * So many jobs in a row tell something. In a list that has another order, so many are not in the order of time by
 * chance. And so many do not come in at once between two neighbours.
 */
const ENOUGH = 16;

/**
 * Finds a boundary in a segment, for reading on from there in `direction`. The anchors tell where it is. If all of them
 * are gone, the creation time tells, provided that the segment holds all jobs of that moment. If several jobs share the
 * moment, the boundary is put so that jobs are repeated rather than lost.
 */
export function locate(segment: Segment, boundary: Boundary, direction: Direction): Location {
  const { entries, start, isEnd } = segment;
  if (entries.length === 0) return start === 0 ? 0 : 'in-front';
  if (boundary === 'start') return start === 0 ? 0 : 'in-front';
  if (boundary === 'end') return isEnd ? entries.length : 'behind';
  const view = toView(segment, boundary);
  return direction === 'forward' ? find(view) : turnLocation(find(turnView(view)), entries.length);
}

function find(view: View): Location {
  return findByPassed(view) ?? findByAhead(view) ?? findByTime(view);
}

/** Behind the passed anchors. If the nearest has left or moved, only a segment that reaches far enough tells. */
function findByPassed(view: View): Location | null {
  const last = Math.max(-1, ...view.passed);
  if (last === -1) return null;
  const next = first(view.ahead);
  const isTold = view.passed[0] !== -1 || next !== -1 || view.sides.length - last > ENOUGH || reachesOn(view);
  if (!isTold) return 'behind';
  let index = last + 1;
  // A job that has come in at the bookmark belongs to the side that it was created on.
  const limit = next === -1 && view.wasEnd && view.isEnd ? view.sides.length : next;
  while (index < limit && view.sides[index] === -1) index += 1;
  return index;
}

/** In front of the anchors ahead, if no passed one is left. */
function findByAhead(view: View): Location | null {
  let index = first(view.ahead);
  if (index === -1) return null;
  if (index < ENOUGH && !reachesBack(view)) return 'in-front';
  while (view.sides[index - 1] === 1) index -= 1;
  return index;
}

/** By time alone. Jobs of the same moment count as unread, unless the list had no job behind the bookmark. */
function findByTime(view: View): Location {
  const [isBegun, isEnded] = [reachesBack(view), reachesOn(view)];
  if (isBegun !== isEnded) return isEnded ? 'in-front' : 'behind';
  if (!isBegun || !view.isOrdered) return 'unknown';
  if (!view.wasEnd) return lastPassed(view) + 1;
  return firstAhead(view) === -1 ? view.sides.length : firstAhead(view);
}

/** Whether the segment surely begins on the near side of the bookmark. */
function reachesBack(view: View): boolean {
  return view.isStart || lastPassed(view) !== -1;
}

/** Whether the segment surely ends on the far side of the bookmark. */
function reachesOn(view: View): boolean {
  return view.isEnd || firstAhead(view) !== -1;
}

function lastPassed({ sides, isOrdered }: View): number {
  return isOrdered ? sides.lastIndexOf(-1) : -1;
}

function firstAhead({ sides, isOrdered }: View): number {
  return isOrdered ? sides.indexOf(1) : -1;
}

function first(indexes: readonly number[]): number {
  const here = indexes.filter((index) => index !== -1);
  return here.length === 0 ? -1 : Math.min(...here);
}

function toView({ entries, start, isEnd }: Segment, bookmark: Bookmark): View {
  const { nearestBefore, nearestAfter, createdAtMs: bookmarkMs } = bookmark;
  const anchors = entries.map(toAnchor);
  const timesMs = entries.map(createdAtMs);
  const order = orderOf(timesMs);
  const toOlder = order === 'newest-first' ? 1 : order === 'oldest-first' ? -1 : 0;
  return {
    passed: indexesOf(nearestBefore, anchors, 1),
    ahead: indexesOf(nearestAfter, anchors, -1),
    sides: timesMs.map((timeMs) =>
      timeMs === null || bookmarkMs === null ? 0 : toOlder * Math.sign(bookmarkMs - timeMs),
    ),
    isOrdered:
      order !== 'none' && bookmarkMs !== null && (entries.length >= ENOUGH || (start === 0 && isEnd)),
    isStart: start === 0,
    isEnd,
    wasStart: bookmark.offset === 0,
    wasEnd: bookmark.offset >= bookmark.total,
  };
}

/**
 * The indexes of the anchors on one side of a bookmark, the nearest first. The anchor of a row without a name counts
 * only next to the anchor behind it: `step` leads from that one to it.
 */
function indexesOf(side: readonly Anchor[], anchors: readonly Anchor[], step: 1 | -1): readonly number[] {
  const indexes = new Map(anchors.map((anchor, index) => [anchor, index]));
  const found: number[] = [];
  for (const anchor of side.toReversed()) {
    const next = (found.at(-1) ?? -1) === -1 ? -1 : (found.at(-1) ?? -1) + step;
    found.push(isUnique(anchor) ? (indexes.get(anchor) ?? -1) : anchors[next] === anchor ? next : -1);
  }
  return found.reverse();
}

function turnView(view: View): View {
  const { passed, ahead, sides, isStart, isEnd, wasStart, wasEnd } = view;
  const turn = (index: number) => (index === -1 ? -1 : sides.length - 1 - index);
  return {
    ...view,
    passed: ahead.map(turn),
    ahead: passed.map(turn),
    sides: sides.map((side) => -side).reverse(),
    isStart: isEnd,
    isEnd: isStart,
    wasStart: wasEnd,
    wasEnd: wasStart,
  };
}

function turnLocation(location: Location, length: number): Location {
  if (typeof location === 'number') return length - location;
  if (location === 'unknown') return 'unknown';
  return location === 'in-front' ? 'behind' : 'in-front';
}

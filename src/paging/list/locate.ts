import type { Bookmark, Boundary, Direction } from './bookmark.ts';
import { type Anchor, createdAtMs, isUnique, toAnchor } from './entry.ts';
import type { Segment } from './segment.ts';
import { orderOf } from './time-order.ts';

/**
 * Where a boundary is, as far as one segment of the list tells: the index of the segment's entry that it stands in front of
 * (their number, where it stands behind them all), or on which side of the segment it must be, or no idea.
 */
export type Location = number | 'in-front' | 'behind' | 'unknown';

/** A segment as it looks to somebody who has read up to a place, and wants to read on: backward, it is turned around. */
interface View {
  /** The indexes of the jobs that stand at the place on the near side, the nearest first; -1 where one is not here. */
  readonly passed: readonly number[];
  /** The same for the jobs on the far side. */
  readonly ahead: readonly number[];
  /** Of each entry, whether it was created on the near side (-1) or on the far one (1): 0 where that is not known. */
  readonly sides: readonly number[];
  /** Whether `sides` can be relied on where no job tells anything. */
  readonly isOrdered: boolean;
  /** Whether nothing stands on the near side of the segment. */
  readonly isStart: boolean;
  /** Whether nothing stands on the far side of it. */
  readonly isEnd: boolean;
  /** Whether nothing stood on the near side of the place. */
  readonly wasStart: boolean;
  /** Whether nothing stood on the far side of it. */
  readonly wasEnd: boolean;
}

/**
 * Enough jobs in a row to learn from them: so many are in the order of time by chance in no list that has another
 * order, and do not come in at one time between two jobs that stood side by side.
 */
const ENOUGH = 16;

/**
 * Finds a boundary in a segment, for reading on from there in `direction`. The jobs around it tell where it is; only if all
 * of them are gone their time does, where the whole of its moment is in sight. Where times tie, the boundary is put so
 * that jobs are repeated rather than lost.
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

/** Right behind the passed jobs. If the nearest is gone, or further on, the segment must reach beyond the place to tell. */
function findByPassed(view: View): Location | null {
  const last = Math.max(-1, ...view.passed);
  if (last === -1) return null;
  const next = first(view.ahead);
  const isTold = view.passed[0] !== -1 || next !== -1 || view.sides.length - last > ENOUGH || reachesOn(view);
  if (!isTold) return 'behind';
  let index = last + 1;
  // What has come in at the place belongs to the side that it was created on.
  const limit = next === -1 && view.wasEnd && view.isEnd ? view.sides.length : next;
  while (index < limit && view.sides[index] === -1) index += 1;
  return index;
}

/** Right in front of the jobs ahead, where none of the passed ones is left. */
function findByAhead(view: View): Location | null {
  let index = first(view.ahead);
  if (index === -1) return null;
  if (index < ENOUGH && !reachesBack(view)) return 'in-front';
  while (view.sides[index - 1] === 1) index -= 1;
  return index;
}

/** By time alone. What is of the same moment may have been read or not; nothing was left at the end of the list. */
function findByTime(view: View): Location {
  const [isBegun, isEnded] = [reachesBack(view), reachesOn(view)];
  if (isBegun !== isEnded) return isEnded ? 'in-front' : 'behind';
  if (!isBegun || !view.isOrdered) return 'unknown';
  if (!view.wasEnd) return lastPassed(view) + 1;
  return firstAhead(view) === -1 ? view.sides.length : firstAhead(view);
}

/** Whether the segment begins in front of the place for sure. */
function reachesBack(view: View): boolean {
  return view.isStart || lastPassed(view) !== -1;
}

/** Whether the segment ends behind the place for sure. */
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
  const sign = order === 'newest-first' ? 1 : order === 'oldest-first' ? -1 : 0;
  return {
    passed: indexesOf(nearestBefore, anchors, 1),
    ahead: indexesOf(nearestAfter, anchors, -1),
    sides: timesMs.map((timeMs) =>
      timeMs === null || bookmarkMs === null ? 0 : sign * Math.sign(bookmarkMs - timeMs),
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
 * Where the anchors on one side of a place are, the nearest first. One that may stand for several jobs counts where the
 * one next to it is: a step to the side in the other's direction.
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

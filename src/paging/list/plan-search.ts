import type { Seq } from '../../jobs/seq.ts';
import { spanOf } from '../../jobs/span.ts';
import { MAX_PAGE_LIMIT, type PageRequest } from '../../upstream/job-list.ts';
import { type Bookmark, type Boundary, type Direction, MAX_ANCHORS } from './bookmark.ts';
import { isUnique } from './entry.ts';
import { type Location, locate } from './locate.ts';
import { pageReachingBack, pageReachingOn, planAround, planPages } from './plan-pages.ts';
import { isWhole, type Segment } from './segment.ts';

/** Which slice of one key's list to read: `count` jobs from a boundary on, or fewer where the list ends. */
export interface SliceRequest {
  readonly begin: Boundary;
  readonly direction: Direction;
  readonly count: number;
  /** The slice does not go beyond this boundary, even if it then has fewer jobs. */
  readonly stop: Boundary | null;
}

/** How far the search for a slice has come. */
export interface SearchState {
  /** What was read, in the order of the list. Between two segments there may be jobs that were not read. */
  readonly segments: readonly Segment[];
  /** How many jobs the list held when it was read last. */
  readonly total: number;
  /** When the newest page was read. Each further page must have been asked for after that. */
  readonly readSeq: Seq;
  /** How often pages were requested together. */
  readonly rounds: number;
  /** How many pages were requested in all. */
  readonly pages: number;
}

/** A segment that holds the boundary, and the index of the entry that the boundary stands in front of. */
export interface LocatedBoundary {
  readonly segment: Segment;
  readonly index: number;
}

/** A search that takes more rounds has failed: halving would have found the boundary among a million jobs. */
const MAX_ROUNDS = 16;

/** So many rounds follow the totals. After these, the search does without them. */
const MAX_GUESSES = 3;

/** So many rounds look next to what was read. After these, the search takes longer steps. */
const ADJOINING_ROUNDS = 2;

/** A page in front of a segment adds so many places to it, unless it begins the list. */
const MIN_GAIN = MAX_PAGE_LIMIT / 4;

/**
 * The pages to read next. The first ones should hold the boundary and the whole slice. The next ones find the boundary.
 * The last ones lead on from it. None if what was read is enough.
 */
export function nextPages(state: SearchState, request: SliceRequest): readonly PageRequest[] {
  if (state.segments.length === 0) return firstPages(request);
  const located = findBoundary(state, request);
  if (located !== null) return onwardPages(state, request, located);
  return isLost(state, request)
    ? onwardPages(state, request, guessBoundary(state, request))
    : searchPages(state, request);
}

/** Where the boundary is. If several segments hold it, the one that leads on the furthest counts. Null if none does. */
export function findBoundary(
  { segments }: SearchState,
  { begin, direction }: SliceRequest,
): LocatedBoundary | null {
  const candidates = segments.flatMap((segment) => {
    const index = locate(segment, begin, direction);
    return typeof index === 'number' ? [{ segment, index }] : [];
  });
  return candidates.reduce<LocatedBoundary | null>(
    (best, each) => (best === null || reachOf(each, direction) > reachOf(best, direction) ? each : best),
    null,
  );
}

/** How many jobs the segment holds from the boundary on. */
function reachOf({ segment, index }: LocatedBoundary, direction: Direction): number {
  return direction === 'forward' ? segment.entries.length - index : index;
}

/** Where to begin if the boundary cannot be found: rather too early than too late. */
export function guessBoundary(
  { segments, total }: SearchState,
  { begin, direction }: SliceRequest,
): LocatedBoundary {
  const offset = shiftedOffset(begin, total);
  const usual = typeof begin === 'string' ? offset : begin.offset;
  const careful = direction === 'forward' ? Math.min(usual, offset) : Math.max(usual, offset);
  const segment = nearest(segments, careful);
  const index = segment.entries.findIndex((entry) => entry.offset >= careful);
  return { segment, index: index === -1 ? segment.entries.length : index };
}

/** Whether no further page helps to find the boundary. */
function isLost({ segments, rounds }: SearchState, { begin }: SliceRequest): boolean {
  const isKnowable = typeof begin === 'string' || begin.createdAtMs !== null || hasUniqueAnchor(begin);
  return !isKnowable || rounds > MAX_ROUNDS || segments.some(isWhole);
}

function hasUniqueAnchor({ nearestBefore, nearestAfter }: Bookmark): boolean {
  return [...nearestBefore, ...nearestAfter].some(isUnique);
}

function firstPages({ begin, direction, count }: SliceRequest): readonly PageRequest[] {
  if (typeof begin === 'object') return planAround(begin, direction, count);
  // The length of the list is not known yet. Pages behind its end would be requested in vain.
  return planPages({ start: 0, end: Math.max(1, Math.min(count, MAX_PAGE_LIMIT)) });
}

/** First where the totals say that the boundary is, then next to the segments, then further and further from them. */
function searchPages(state: SearchState, request: SliceRequest): readonly PageRequest[] {
  const { segments, total, rounds } = state;
  const { begin, direction } = request;
  const sides = segments.map((segment) => locate(segment, begin, direction));
  const low = Math.max(0, ...segments.flatMap(({ end }, index) => (sides[index] === 'behind' ? [end] : [])));
  const high = Math.min(
    total,
    ...segments.flatMap(({ start }, index) => (sides[index] === 'in-front' ? [start] : [])),
  );

  const offset = shiftedOffset(begin, total);
  const isNew = low <= offset && offset <= high && !segments.some((segment) => surrounds(segment, offset));
  if (isNew && rounds <= MAX_GUESSES) {
    const neighbour =
      direction === 'forward'
        ? segments.find(({ start }) => start >= offset)
        : segments.findLast(({ end }) => end <= offset);
    return pagesUpTo(neighbour, offset, state, request, begin === 'end' ? 0 : 1);
  }
  if (rounds > ADJOINING_ROUNDS && high - low > MAX_PAGE_LIMIT && !sides.includes('unknown')) {
    return [pageReachingOn(nextProbe(low, high, state, sides))];
  }
  return [adjoiningPage(state, sides, offset)];
}

/**
 * Where a galloping search looks for a boundary between two offsets: in the middle, but not further than a step from
 * the segment on its only known side. The step doubles each round, since most lists have moved by little.
 */
function nextProbe(low: number, high: number, { rounds }: SearchState, sides: readonly Location[]): number {
  const middle = Math.floor((low + high) / 2);
  const step = MAX_PAGE_LIMIT * 2 ** (rounds - ADJOINING_ROUNDS);
  if (!sides.includes('behind')) return Math.max(middle, high - step);
  return sides.includes('in-front') ? middle : Math.min(middle, low + step);
}

/** The page that widens the segment next to the boundary, or the one nearest to `offset` where no side is known. */
function adjoiningPage(state: SearchState, sides: readonly Location[], offset: number): PageRequest {
  const { segments } = state;
  const behind = segments.findLast((_, index) => sides[index] === 'behind');
  const inFront = segments.find((_, index) => sides[index] === 'in-front');
  const segment = behind ?? inFront ?? nearest(segments, offset);
  const isNearStart = segment.isEnd || offset - segment.start < segment.end - offset;
  const goesBack = behind === undefined && (segment === inFront || (segment.start > 0 && isNearStart));
  return goesBack ? pageInFrontOf(segment, state) : pageBehind(segment, state);
}

/** The pages from the end of the boundary's segment on, as far as the slice reaches or up to the next segment. */
function onwardPages(
  state: SearchState,
  request: SliceRequest,
  located: LocatedBoundary,
): readonly PageRequest[] {
  const { segment } = located;
  const isForward = request.direction === 'forward';
  const count = request.count - reachOf(located, request.direction);
  if (count <= 0 || segment.entries.length === 0 || (isForward ? segment.isEnd : segment.start === 0))
    return [];
  const neighbour = state.segments[state.segments.indexOf(segment) + (isForward ? 1 : -1)];
  return pagesUpTo(neighbour, isForward ? segment.end : segment.start, state, { ...request, count });
}

/** The pages from an offset on, as far as the slice reaches or up to a neighbouring segment. */
function pagesUpTo(
  neighbour: Segment | undefined,
  offset: number,
  state: SearchState,
  { direction, count }: SliceRequest,
  least = 1,
): readonly PageRequest[] {
  const edge = direction === 'forward' ? neighbour?.start : neighbour?.end;
  if (edge === undefined || Math.abs(edge - offset) > Math.max(count, MAX_PAGE_LIMIT)) {
    return planAround({ offset, total: state.total }, direction, count, least);
  }
  const overlap = overlapOf(state);
  const [start, end] = [Math.min(offset, edge) - overlap, Math.max(offset, edge) + overlap + 1];
  return planPages({ start: Math.max(0, start), end });
}

/**
 * The page with the largest overlap that still adds enough. Among the first places of a list, a page that overlaps much may
 * reach back no further than the segment: the search would then ask for it again and again.
 */
function pageInFrontOf({ start }: Segment, state: SearchState): PageRequest {
  for (let overlap = overlapOf(state); ; overlap = Math.floor(overlap / 2)) {
    const page = pageReachingBack(start + overlap);
    const reached = spanOf(page).start;
    if (overlap <= 1 || reached === 0 || start - reached >= MIN_GAIN) return page;
  }
}

function pageBehind({ end }: Segment, state: SearchState): PageRequest {
  return pageReachingOn(Math.max(0, end - 1 - overlapOf(state)));
}

/** How far a page overlaps the segment that it should join. It doubles each round: the segment may have moved. */
function overlapOf({ rounds }: SearchState): number {
  return Math.min(MAX_ANCHORS * 2 ** (rounds - 1), MAX_PAGE_LIMIT / 2);
}

/** The offset of a boundary if all changes of the total happened in front of it. */
export function shiftedOffset(boundary: Boundary, total: number): number {
  if (boundary === 'start') return 0;
  if (boundary === 'end') return total;
  return Math.min(Math.max(0, boundary.offset + total - boundary.total), total);
}

/** Whether the segment holds the jobs on both sides of an offset. */
function surrounds({ start, end, isEnd }: Segment, offset: number): boolean {
  return (start < offset || start === 0) && (offset < end || isEnd);
}

function nearest(segments: readonly Segment[], offset: number): Segment {
  const distance = ({ start, end }: Segment) => Math.max(0, start - offset, offset - end);
  return segments.reduce((best, segment) => (distance(segment) < distance(best) ? segment : best));
}

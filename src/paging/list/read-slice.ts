import type { ReadPage } from '../../jobs/list-page.ts';
import { latest, NEVER, type Seq } from '../../jobs/seq.ts';
import type { PageRequest } from '../../upstream/job-list.ts';
import { type Bookmark, type Boundary, type Direction, MAX_ANCHORS, opposite } from './bookmark.ts';
import { type Anchor, createdAtMs, toAnchor } from './entry.ts';
import { locate } from './locate.ts';
import {
  findBoundary,
  guessBoundary,
  type LocatedBoundary,
  nextPages,
  type SearchState,
  type SliceRequest,
  shiftedOffset,
} from './plan-search.ts';
import { joinSegments, type Segment, toSegment } from './segment.ts';
import { knownTimes, orderOf, type TimeOrder } from './time-order.ts';

/** A slice of one key's list next to a boundary, and what is known of the list around it. */
export interface Slice {
  /** The slice is `segment.entries[from]` up to but without `segment.entries[to]`. */
  readonly segment: Segment;
  readonly from: number;
  readonly to: number;
  /** The anchors of all entries of the segment. */
  readonly anchors: readonly Anchor[];
  /** Their creation times, as `knownTimes` gives them. */
  readonly timesMs: readonly (number | null)[];
  readonly order: TimeOrder;
  /** How many jobs of the list stand in front of the slice. */
  readonly leading: number;
  /** How many jobs of the list stand behind the slice. */
  readonly trailing: number;
  /** Whether reading on in the same direction would add nothing to the slice. */
  readonly isDone: boolean;
  /** How many jobs the list held when it was read last. */
  readonly total: number;
  /** Reading on continues from here. */
  readonly state: SearchState;
}

/** So many upstream pages make a slice at most. A list that changes faster than it can be read gives shorter slices. */
const MAX_PAGES = 24;

/** The state before the first request: a client with a bookmark has seen the list as it was then. */
export function initialState({ begin, stop }: SliceRequest): SearchState {
  return { segments: [], total: 0, readSeq: latest(seenAt(begin), seenAt(stop)), rounds: 0, pages: 0 };
}

function seenAt(boundary: Boundary | null): Seq {
  return boundary === null || typeof boundary === 'string' ? NEVER : boundary.readSeq;
}

/**
 * Reads a slice of one key's list. A job that is in the list from the first request to the last is in the slice, or
 * beyond its ends, exactly once.
 *
 * @param state Where an earlier slice of the same list stopped: its pages are not read again.
 * @throws {UpstreamError} where a page cannot be read.
 */
export async function readSlice(
  readPage: ReadPage,
  request: SliceRequest,
  state = initialState(request),
): Promise<Slice> {
  if (wantsNothing(request)) return readTotal(readPage, request, state);
  let now = state;
  for (let pages = nextPages(now, request); pages.length > 0; pages = nextPages(now, request)) {
    if (now.pages + pages.length > MAX_PAGES) break;
    now = await readPages(readPage, pages, now);
  }
  return cut(now, findBoundary(now, request) ?? guessBoundary(now, request), request);
}

async function readPages(
  readPage: ReadPage,
  requests: readonly PageRequest[],
  state: SearchState,
): Promise<SearchState> {
  const pages = await Promise.all(requests.map((request) => readPage(request, state.readSeq)));
  const rounds = state.rounds + 1;
  const segments = requests.flatMap((request, index) => {
    const page = pages[index];
    return page === undefined ? [] : [toSegment(page, request, rounds)];
  });
  const total = pages.at(-1)?.total ?? state.total;
  return {
    segments: joinSegments([...state.segments, ...segments], total),
    total,
    readSeq: latest(state.readSeq, ...pages.map((page) => page.readSeq)),
    rounds,
    pages: state.pages + pages.length,
  };
}

/**
 * The bookmark in front of `segment.entries[index]`, or behind all entries.
 *
 * @param edgeCreatedAtMs When the job was created whose edge the bookmark belongs to. It may be in another list.
 */
export function bookmarkAt(
  { segment, anchors, order, state }: Slice,
  index: number,
  edgeCreatedAtMs: number | null,
): Bookmark {
  const last = segment.entries[index - 1];
  return {
    offset: last === undefined ? segment.start : last.offset + 1,
    total: last === undefined ? segment.total : last.total,
    readSeq: state.readSeq,
    nearestBefore: anchors.slice(Math.max(0, index - MAX_ANCHORS), index).reverse(),
    nearestAfter: anchors.slice(index, index + MAX_ANCHORS),
    createdAtMs: edgeCreatedAtMs === null ? null : dividingTime(segment, order, index, edgeCreatedAtMs),
  };
}

/** The creation time of the edge, moved between those of the jobs on both sides: the edge may be in another list. */
function dividingTime(
  { entries }: Segment,
  order: TimeOrder,
  index: number,
  edgeCreatedAtMs: number,
): number | null {
  if (order === 'none') return null;
  const [inFrontMs, behindMs] = [entries[index - 1], entries[index]].map((entry) =>
    entry === undefined ? null : createdAtMs(entry),
  );
  const [latestMs, earliestMs] = order === 'oldest-first' ? [behindMs, inFrontMs] : [inFrontMs, behindMs];
  return Math.min(
    latestMs ?? Number.POSITIVE_INFINITY,
    Math.max(earliestMs ?? Number.NEGATIVE_INFINITY, edgeCreatedAtMs),
  );
}

/** Whether only the total is to be read: the slice has no jobs and begins at an end of the list, or lies beyond one. */
function wantsNothing({ begin, direction, count }: SliceRequest): boolean {
  return begin === (direction === 'forward' ? 'end' : 'start') || (count === 0 && typeof begin === 'string');
}

async function readTotal(
  readPage: ReadPage,
  { begin }: SliceRequest,
  { readSeq: since, ...before }: SearchState,
): Promise<Slice> {
  const { total, readSeq } = await readPage({ page: 1, limit: 1 }, since);
  const state = { ...before, total, readSeq: latest(since, readSeq) };
  const [leading, trailing] = begin === 'start' ? [0, total] : [total, 0];
  const segment: Segment = {
    entries: [],
    start: leading,
    end: leading,
    total,
    isEnd: trailing === 0,
    round: 0,
  };
  const nothing = { from: 0, to: 0, anchors: [], timesMs: [], order: 'unknown', state } as const;
  return { ...nothing, segment, leading, trailing, total, isDone: true };
}

function cut(
  state: SearchState,
  { segment, index }: LocatedBoundary,
  { direction, count, stop }: SliceRequest,
): Slice {
  const isForward = direction === 'forward';
  const limit = stop === null ? null : indexOfStop(segment, stop, direction, state.total);
  const reached = isForward ? Math.min(index + count, segment.entries.length) : Math.max(index - count, 0);
  const from = isForward ? index : Math.min(index, Math.max(reached, limit ?? 0));
  const to = isForward ? Math.max(index, Math.min(reached, limit ?? reached)) : index;
  const leading = leadingOf(segment, from);
  const trailing = trailingOf(segment, to);
  const isStopped = limit !== null && (isForward ? limit <= to : from <= limit);
  const timesMs = knownTimes(segment.entries);
  let anchors: readonly Anchor[] | null = null;
  return {
    segment,
    from,
    to,
    // Each is a hash, and only cursors need them.
    get anchors() {
      anchors ??= segment.entries.map(toAnchor);
      return anchors;
    },
    timesMs,
    order: orderOf(timesMs),
    leading,
    trailing,
    isDone: isStopped || (isForward ? trailing : leading) === 0,
    total: state.total,
    state,
  };
}

/** The index that a slice may not go beyond. */
function indexOfStop(segment: Segment, stop: Boundary, direction: Direction, total: number): number {
  const location = locate(segment, stop, opposite(direction));
  if (typeof location === 'number') return location;
  if (location === 'unknown') return shiftedOffset(stop, total) - segment.start;
  return location === 'in-front' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
}

function leadingOf({ entries, start }: Segment, index: number): number {
  const last = entries[index - 1];
  return start === 0 || last === undefined ? start + index : last.offset + 1;
}

function trailingOf({ entries, end, total, isEnd }: Segment, index: number): number {
  return entries.length - index + (isEnd ? 0 : Math.max(1, total - end));
}

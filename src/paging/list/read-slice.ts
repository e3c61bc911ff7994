import type { ReadPage } from '../../jobs/list-page.ts';
import { latest, NEVER } from '../../jobs/seq.ts';
import type { PageNumber } from '../../upstream/job-list.ts';
import { type Boundary, type Direction, MAX_ANCHORS, opposite, type Place } from './bookmark.ts';
import { type Anchor, createdAtMs, toAnchor } from './entry.ts';
import { locate } from './locate.ts';
import {
  findHome,
  guessHome,
  type Home,
  type Known,
  nextPages,
  type Reading,
  shiftedOffset,
} from './plan-search.ts';
import { type Run, toRun, weave } from './segment.ts';
import { orderOf, type TimeOrder } from './time-order.ts';

/** The jobs of one key's list next to a boundary, and what lies around them. */
export interface Stretch {
  /** What was read in one piece: the stretch is `run.entries[from]` up to but without `run.entries[to]`. */
  readonly run: Run;
  readonly from: number;
  readonly to: number;
  /** The anchors of all that was read in one piece. */
  readonly anchors: readonly Anchor[];
  readonly order: TimeOrder;
  /** How many jobs of the list stand in front of the stretch. */
  readonly leading: number;
  /** How many jobs of the list stand behind the stretch. */
  readonly trailing: number;
  /** Whether nothing that belongs here would be found by reading on in the same direction. */
  readonly isDone: boolean;
  /** How many jobs the list held when it was read last. */
  readonly total: number;
  /** What reading on would begin with. */
  readonly known: Known;
}

/** What is to be read, and where to stop even if it is less. */
export interface BoundedReading extends Reading {
  readonly stop: Boundary | null;
}

/** A list that changes faster than it can be read gives shorter pages, never wrong ones. */
const MAX_PAGES = 24;

/** A client that comes with a place has seen the list as it was then. */
function knownAt(boundary: Boundary): Known {
  const readSeq = typeof boundary === 'string' ? NEVER : boundary.readSeq;
  return { runs: [], total: 0, readSeq, rounds: 0, pages: 0 };
}

/**
 * Reads a part of one key's list. Every job that is in the list from the first request to the last is in the part, or
 * beyond its ends, exactly once.
 */
export async function readStretch(
  readPage: ReadPage,
  reading: BoundedReading,
  known = knownAt(reading.begin),
): Promise<Stretch> {
  if (wantsNothing(reading)) return readTotal(readPage, reading);
  let now = known;
  for (let pages = nextPages(now, reading); pages.length > 0; pages = nextPages(now, reading)) {
    if (now.pages + pages.length > MAX_PAGES) break;
    now = await readPages(readPage, pages, now);
  }
  return cut(now, findHome(now, reading) ?? guessHome(now, reading), reading);
}

async function readPages(readPage: ReadPage, numbers: readonly PageNumber[], known: Known): Promise<Known> {
  const pages = await Promise.all(numbers.map((number) => readPage(number, known.readSeq)));
  const rounds = known.rounds + 1;
  const runs = numbers.flatMap((number, index) => {
    const page = pages[index];
    return page === undefined ? [] : [toRun(page, number, rounds)];
  });
  const total = pages.at(-1)?.total ?? known.total;
  return {
    runs: weave([...known.runs, ...runs], total),
    total,
    readSeq: latest(known.readSeq, ...pages.map((page) => page.readSeq)),
    rounds,
    pages: known.pages + pages.length,
  };
}

/** The place in front of `stretch.run.entries[index]`, or behind all of them, as the place of an edge created then. */
export function placeAt(
  { run, anchors, order, known }: Stretch,
  index: number,
  edgeCreatedAtMs: number | null,
): Place {
  const last = run.entries[index - 1];
  return {
    offset: last === undefined ? run.start : last.offset + 1,
    total: last === undefined ? run.total : last.total,
    readSeq: known.readSeq,
    before: anchors.slice(Math.max(0, index - MAX_ANCHORS), index).reverse(),
    after: anchors.slice(index, index + MAX_ANCHORS),
    createdAtMs: edgeCreatedAtMs === null ? null : dividingTime(run, order, index, edgeCreatedAtMs),
  };
}

/** The edge may be another list's, and older or newer than what stands on both sides of the place in this one. */
function dividingTime(
  { entries }: Run,
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

/** Nothing lies in front of the start or behind the end, and of no jobs there only is the total to know. */
function wantsNothing({ begin, direction, count }: Reading): boolean {
  return begin === (direction === 'forward' ? 'end' : 'start') || (count === 0 && typeof begin === 'string');
}

async function readTotal(readPage: ReadPage, { begin }: Reading): Promise<Stretch> {
  const known = knownAt(begin);
  const { total } = await readPage({ page: 1, limit: 1 }, known.readSeq);
  const [leading, trailing] = begin === 'start' ? [0, total] : [total, 0];
  const run: Run = { entries: [], start: leading, end: leading, total, isEnd: trailing === 0, round: 0 };
  const nothing = { from: 0, to: 0, anchors: [], order: 'unknown', known } as const;
  return { ...nothing, run, leading, trailing, total, isDone: true };
}

function cut(known: Known, { run, index }: Home, { direction, count, stop }: BoundedReading): Stretch {
  const isForward = direction === 'forward';
  const limit = stop === null ? null : indexOfStop(run, stop, direction, known.total);
  const reached = isForward ? Math.min(index + count, run.entries.length) : Math.max(index - count, 0);
  const from = isForward ? index : Math.min(index, Math.max(reached, limit ?? 0));
  const to = isForward ? Math.max(index, Math.min(reached, limit ?? reached)) : index;
  const leading = leadingOf(run, from);
  const trailing = trailingOf(run, to);
  const isStopped = limit !== null && (isForward ? limit <= to : from <= limit);
  return {
    run,
    from,
    to,
    anchors: run.entries.map(toAnchor),
    order: orderOf(run.entries.map(createdAtMs)),
    leading,
    trailing,
    isDone: isStopped || (isForward ? trailing : leading) === 0,
    total: known.total,
    known,
  };
}

/** The index that a stretch may not go beyond. What is new at the stop belongs to the side that it is read from. */
function indexOfStop(run: Run, stop: Boundary, direction: Direction, total: number): number {
  const location = locate(run, stop, opposite(direction));
  if (typeof location === 'number') return location;
  if (location === 'unknown') return shiftedOffset(stop, total) - run.start;
  return location === 'in-front' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
}

function leadingOf({ entries, start }: Run, index: number): number {
  const last = entries[index - 1];
  return start === 0 || last === undefined ? start + index : last.offset + 1;
}

function trailingOf({ entries, end, total, isEnd }: Run, index: number): number {
  return entries.length - index + (isEnd ? 0 : Math.max(1, total - end));
}

import type { Seq } from '../../jobs/seq.ts';
import { MAX_PAGE_LIMIT, type PageNumber } from '../../upstream/job-list.ts';
import { type Boundary, type Direction, MAX_ANCHORS, type Place } from './bookmark.ts';
import { isUnique } from './entry.ts';
import { type Location, locate } from './locate.ts';
import { pageReachingBack, pageReachingOn, planAround, planPages } from './plan-pages.ts';
import { isWhole, type Run } from './segment.ts';

/** What is to be read of one key's list: `count` jobs from a boundary on, fewer where the list ends. */
export interface Reading {
  readonly begin: Boundary;
  readonly direction: Direction;
  readonly count: number;
}

/** What is known of the list so far. */
export interface Known {
  /** In the order of the list. Between two of them there may be jobs that were not read. */
  readonly runs: readonly Run[];
  /** How many jobs the list held when it was read last. */
  readonly total: number;
  /** When the newest of it was read: what is read further on must not be older. */
  readonly readSeq: Seq;
  /** How often pages were read, and how many in all. */
  readonly rounds: number;
  readonly pages: number;
}

/** A run that holds the boundary, and the index of the entry that the boundary stands in front of. */
export interface Home {
  readonly run: Run;
  readonly index: number;
}

/** A search that takes more rounds has failed: by halves it would have found its place among a million jobs. */
const MAX_ROUNDS = 16;

/** In so many rounds the search follows the totals; a list whose totals tell nothing is searched without them. */
const MAX_GUESSES = 3;

/**
 * The pages to read next: first those that should hold the boundary and all that is wanted; then
 * those that find the boundary; then those that lead on from it. None where what is known is enough.
 */
export function nextPages(known: Known, reading: Reading): readonly PageNumber[] {
  if (known.runs.length === 0) return firstPages(reading);
  const home = findHome(known, reading);
  if (home !== null) return onwardPages(known, reading, home);
  return isLost(known, reading)
    ? onwardPages(known, reading, guessHome(known, reading))
    : searchPages(known, reading);
}

/** Where the boundary is: if several runs hold it, in that which leads on the furthest. Null where none is in sight. */
export function findHome({ runs }: Known, { begin, direction }: Reading): Home | null {
  const homes = runs.flatMap((run) => {
    const index = locate(run, begin, direction);
    return typeof index === 'number' ? [{ run, index }] : [];
  });
  return homes.reduce<Home | null>(
    (best, home) => (best === null || lead(home, direction) > lead(best, direction) ? home : best),
    null,
  );
}

/** How many jobs a home holds in a direction. */
function lead({ run, index }: Home, direction: Direction): number {
  return direction === 'forward' ? run.entries.length - index : index;
}

/** Where to begin if nothing tells where the boundary went: rather where jobs are repeated than where some are lost. */
export function guessHome({ runs, total }: Known, { begin, direction }: Reading): Home {
  const offset = shiftedOffset(begin, total);
  const usual = typeof begin === 'string' ? offset : begin.offset;
  const careful = direction === 'forward' ? Math.min(usual, offset) : Math.max(usual, offset);
  const run = nearest(runs, careful);
  const index = run.entries.findIndex((entry) => entry.offset >= careful);
  return { run, index: index === -1 ? run.entries.length : index };
}

/** Whether no further page would help to find the boundary. */
function isLost({ runs, rounds }: Known, { begin }: Reading): boolean {
  const isKnowable = typeof begin === 'string' || begin.createdAtMs !== null || hasUniqueAnchor(begin);
  return !isKnowable || rounds > MAX_ROUNDS || runs.some(isWhole);
}

function hasUniqueAnchor({ before, after }: Place): boolean {
  return [...before, ...after].some(isUnique);
}

function firstPages({ begin, direction, count }: Reading): readonly PageNumber[] {
  if (typeof begin === 'object') return planAround(begin, direction, count);
  // How long the list is, is not known yet: pages behind its end would be asked for in vain.
  return planPages({ start: 0, end: Math.max(1, Math.min(count, MAX_PAGE_LIMIT)) });
}

/** Where the totals say that the boundary is; then what adjoins the runs; then the middle of what is left. */
function searchPages(known: Known, reading: Reading): readonly PageNumber[] {
  const { runs, total, rounds } = known;
  const { begin, direction } = reading;
  const sides = runs.map((run) => locate(run, begin, direction));
  const low = Math.max(0, ...runs.flatMap(({ end }, index) => (sides[index] === 'behind' ? [end] : [])));
  const high = Math.min(
    total,
    ...runs.flatMap(({ start }, index) => (sides[index] === 'in-front' ? [start] : [])),
  );

  const offset = shiftedOffset(begin, total);
  const isNew = low <= offset && offset <= high && !runs.some((run) => surrounds(run, offset));
  if (isNew && rounds <= MAX_GUESSES) {
    const neighbour =
      direction === 'forward'
        ? runs.find(({ start }) => start > offset)
        : runs.findLast(({ end }) => end < offset);
    return pagesUpTo(neighbour, offset, known, reading, begin === 'end' ? 0 : 1);
  }
  if (rounds > 2 && high - low > MAX_PAGE_LIMIT && !sides.includes('unknown')) {
    return [pageReachingOn(Math.floor((low + high) / 2))];
  }
  return [adjoiningPage(known, sides, offset)];
}

/** The page that widens the run next to the boundary, as far as sides are known; else that nearest to `offset`. */
function adjoiningPage(known: Known, sides: readonly Location[], offset: number): PageNumber {
  const { runs } = known;
  const behind = runs.findLast((_, index) => sides[index] === 'behind');
  const inFront = runs.find((_, index) => sides[index] === 'in-front');
  const run = behind ?? inFront ?? nearest(runs, offset);
  const isNearStart = run.isEnd || offset - run.start < run.end - offset;
  const goesBack = behind === undefined && (run === inFront || (run.start > 0 && isNearStart));
  return goesBack ? pageInFrontOf(run, known) : pageBehind(run, known);
}

/** From the boundary's own run on as far as is wanted, or up to the next run. */
function onwardPages(known: Known, reading: Reading, home: Home): readonly PageNumber[] {
  const { run } = home;
  const isForward = reading.direction === 'forward';
  const count = reading.count - lead(home, reading.direction);
  if (count <= 0 || run.entries.length === 0 || (isForward ? run.isEnd : run.start === 0)) return [];
  const neighbour = known.runs[known.runs.indexOf(run) + (isForward ? 1 : -1)];
  return pagesUpTo(neighbour, isForward ? run.end : run.start, known, { ...reading, count });
}

/** The pages from an offset on, as far as is wanted or up to a run that is known. */
function pagesUpTo(
  neighbour: Run | undefined,
  offset: number,
  known: Known,
  { direction, count }: Reading,
  least = 1,
): readonly PageNumber[] {
  const edge = direction === 'forward' ? neighbour?.start : neighbour?.end;
  if (edge === undefined || Math.abs(edge - offset) > Math.max(count, MAX_PAGE_LIMIT)) {
    return planAround({ offset, total: known.total }, direction, count, least);
  }
  const overlap = overlapOf(known);
  const [start, end] = [Math.min(offset, edge) - overlap, Math.max(offset, edge) + overlap + 1];
  return planPages({ start: Math.max(0, start), end });
}

function pageInFrontOf({ start }: Run, known: Known): PageNumber {
  return pageReachingBack(start + overlapOf(known));
}

function pageBehind({ end }: Run, known: Known): PageNumber {
  return pageReachingOn(Math.max(0, end - 1 - overlapOf(known)));
}

/** Pages that should meet a run overlap it, and the more the longer they do not: it may have moved unnoticed. */
function overlapOf({ rounds }: Known): number {
  return Math.min(MAX_ANCHORS * 2 ** (rounds - 1), MAX_PAGE_LIMIT / 2);
}

/** Where a boundary is if all that changed in the list changed in front of it. */
export function shiftedOffset(boundary: Boundary, total: number): number {
  if (boundary === 'start') return 0;
  if (boundary === 'end') return total;
  return Math.min(Math.max(0, boundary.offset + total - boundary.total), total);
}

/** Whether the run shows what stands on both sides of an offset. */
function surrounds({ start, end, isEnd }: Run, offset: number): boolean {
  return (start < offset || start === 0) && (offset < end || isEnd);
}

function nearest(runs: readonly Run[], offset: number): Run {
  const distance = ({ start, end }: Run) => Math.max(0, start - offset, offset - end);
  return runs.reduce((best, run) => (distance(run) < distance(best) ? run : best));
}

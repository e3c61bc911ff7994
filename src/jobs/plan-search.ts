import { MAX_PAGE_LIMIT, type PageNumber } from '../upstream/job-list.ts';
import type { Location } from './locate.ts';
import { type Boundary, type Direction, MAX_ANCHORS } from './place.ts';
import { pageReachingBack, pageReachingOn, planPages, type Span } from './plan-pages.ts';
import type { Run } from './run.ts';

/** With so many jobs in front of a boundary in sight, it is found even if some of them are gone. */
const LEAD = MAX_ANCHORS - 1;

/** What a search for a boundary knows after a run did not hold it. */
export interface Search {
  readonly run: Run;
  readonly location: Exclude<Location, number>;
  readonly boundary: Boundary;
  readonly direction: Direction;
  readonly count: number;
  /** How many runs were read since the first. */
  readonly probe: number;
  /** The boundary's offset is known to lie between these. */
  readonly bounds: { readonly low: number; readonly high: number };
}

/** The pages to read first: those that hold the boundary and `count` jobs in `direction`, if the list has not moved. */
export function firstPages(boundary: Boundary, direction: Direction, count: number): readonly PageNumber[] {
  if (typeof boundary === 'object') return pagesAt(boundary.offset, boundary.total, direction, count);
  // How long the list is, is not known yet: pages behind its end would be asked for in vain.
  return planPages({ start: 0, end: Math.max(1, Math.min(count, MAX_PAGE_LIMIT)) });
}

/**
 * The pages to read next in search of a boundary: where the change of the list's total says; then what adjoins the
 * run; then the middle of what is left. Null where the run is the whole list.
 */
export function nextPages(search: Search): readonly PageNumber[] | null {
  const { run, location, boundary, direction, count, probe, bounds } = search;
  if (run.offset === 0 && run.isEnd) return null;

  const shifted = shiftedOffset(boundary, run.total);
  if (probe === 0 && isPlausible(shifted, search)) return pagesTo(shifted, search);
  if (location === 'unknown' || probe <= 1) return [adjoiningPage(search)];
  const middle = Math.floor((bounds.low + Math.min(bounds.high, run.total)) / 2);
  return pagesAt(middle, run.total, direction, Math.min(count, MAX_PAGE_LIMIT / 2));
}

/** The offset to fall back on where nothing tells where a boundary went: rather too early than too late. */
export function resortOffset(boundary: Boundary, total: number, direction: Direction): number {
  const shifted = shiftedOffset(boundary, total);
  if (typeof boundary === 'string') return shifted;
  return direction === 'forward' ? Math.min(boundary.offset, shifted) : Math.max(boundary.offset, shifted);
}

/** The pages that hold the place at `offset` and `count` jobs from there in `direction`. */
export function pagesAt(
  offset: number,
  total: number,
  direction: Direction,
  count: number,
): readonly PageNumber[] {
  return planPages(spanAt(offset, total, direction, count));
}

function spanAt(offset: number, total: number, direction: Direction, count: number): Span {
  const isForward = direction === 'forward';
  const lead = count === 0 ? 1 : LEAD;
  const start = Math.max(0, offset - lead - (isForward ? 0 : count));
  const end = isForward || count === 0 ? offset + count : offset + 1;
  return { start, end: Math.max(start + 1, Math.min(end, total)) };
}

/** Where a boundary is if all that changed in the list changed in front of it. */
function shiftedOffset(boundary: Boundary, total: number): number {
  if (boundary === 'start') return 0;
  if (boundary === 'end') return total;
  return Math.max(0, boundary.offset + total - boundary.total);
}

function isPlausible(offset: number, { run, location }: Search): boolean {
  const isInFront = offset < run.offset;
  const isBehind = offset >= endOf(run);
  if (location === 'unknown') return isInFront || isBehind;
  return location === 'in-front' ? isInFront : isBehind;
}

/** Pages up to the run, where it goes on from the place in the direction of reading; else as if read anew. */
function pagesTo(offset: number, { run, direction, count }: Search): readonly PageNumber[] {
  const isNear = Math.min(Math.abs(run.offset - offset), Math.abs(offset - endOf(run))) < MAX_PAGE_LIMIT;
  if (isNear && direction === 'forward' && offset < run.offset) {
    return planPages({ start: Math.max(0, offset - LEAD), end: run.offset + 1 });
  }
  if (isNear && direction === 'backward' && offset >= endOf(run) && run.entries.length > 0) {
    return planPages({ start: endOf(run) - 1, end: Math.min(offset + 1, run.total) });
  }
  return pagesAt(offset, run.total, direction, count);
}

function adjoiningPage({ run, location, probe }: Search): PageNumber {
  const goesBack =
    location === 'unknown' ? run.isEnd || (run.offset > 0 && probe % 2 === 0) : location === 'in-front';
  return goesBack ? pageReachingBack(run.offset) : pageReachingOn(Math.max(0, endOf(run) - 1));
}

function endOf(run: Run): number {
  return run.offset + run.entries.length;
}

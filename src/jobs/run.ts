import type { PageNumber } from '../upstream/job-list.ts';
import type { Entry } from './entry.ts';
import type { ListPage } from './list-page.ts';
import type { Direction } from './place.ts';
import { spanOf } from './plan-pages.ts';

/** A stretch of one key's list without gaps, as far as it was read. */
export interface Run {
  readonly entries: readonly Entry[];
  /** How many jobs stand in front of it. */
  readonly offset: number;
  /** How many jobs the list held when the run's end was read. */
  readonly total: number;
  /** Whether nothing stands behind it. */
  readonly isEnd: boolean;
}

/** How many places at the seam of two runs may have gone before the runs no longer fit together. */
const SEAM = 4;

/** The run that one page is. A page that is not full ends its list, whatever the total says. */
export function toRun(page: ListPage, number: PageNumber): Run {
  const { start } = spanOf(number);
  const end = start + page.items.length;
  return {
    entries: page.items.map((item, index) => ({ item, offset: start + index, total: page.total })),
    // Past its end a list gives empty pages: what stands in front of those is the whole list.
    offset: page.items.length === 0 ? Math.min(start, page.total) : start,
    total: page.total,
    isEnd: page.items.length < number.limit || end >= page.total,
  };
}

/**
 * Puts runs that were read side by side together, in the order of the list. Where two do not fit, what lies beyond is
 * left out: forward it is the rear, backward the front.
 */
export function joinAll(runs: readonly Run[], direction: Direction): Run {
  const [first, ...rest] = direction === 'forward' ? runs : runs.toReversed();
  if (first === undefined) throw new RangeError('joinAll needs one run at least, got none.');
  let joined = first;
  for (const run of rest) {
    const wider = direction === 'forward' ? join(joined, run) : join(run, joined);
    if (wider === null) break;
    joined = wider;
  }
  return joined;
}

/**
 * One run of two: `front` up to a job that both hold, and `rear` from there on. Every job that was in the list while
 * both were read is in it once. Null where they share no job at the seam, so that jobs may stand between them.
 */
export function join(front: Run, rear: Run): Run | null {
  const seam = findSeam(front, rear);
  if (seam === null) return null;
  const known = new Set(front.entries.map(({ item }) => item.identity));
  const fresh = rear.entries.slice(seam + 1).filter(({ item }) => !known.has(item.identity));
  return { ...rear, entries: [...front.entries, ...fresh], offset: front.offset };
}

/** Where in `rear` the last job stands that `front` also holds; only the last few of `front` count as its seam. */
function findSeam(front: Run, rear: Run): number | null {
  for (const { item } of front.entries.slice(-SEAM).reverse()) {
    const index = rear.entries.findIndex((entry) => entry.item.identity === item.identity);
    if (index !== -1) return index;
  }
  return null;
}

import type { Credential } from '../auth/api-key.ts';
import type { ReadPage } from '../jobs/list-page.ts';
import { type Boundary, type Direction, opposite } from './list/bookmark.ts';
import type { SliceRequest } from './list/plan-search.ts';
import { initialState, type Slice } from './list/read-slice.ts';
import { isAnswered, readSource, type Source } from './merge/read-source.ts';
import { type Cursors, toSliceRequest } from './page-bounds.ts';
import type { PageWindow } from './page-window.ts';

/** Whether a page has jobs around it. */
export interface Neighbours {
  readonly hasLeading: boolean;
  readonly hasTrailing: boolean;
}

/** What is known of a page without its jobs. */
export interface CountedPage {
  readonly sources: readonly Source[];
  /** Null where counting does not tell: jobs that two keys see count twice. */
  readonly neighbours: Neighbours | null;
}

/** How many jobs of one key lie where, in the direction of reading. */
interface JobCounts {
  /** Before the page begins. */
  readonly passed: number;
  /** From where the page begins to where it must stop. */
  readonly open: number;
  /** From where the page must stop. */
  readonly beyond: number;
}

/** Reads where a page begins in each key's list, and where it must stop: the counts there tell of its neighbours. */
export async function readNeighbours(
  credentials: readonly Credential[],
  readPageOf: (credential: Credential) => ReadPage,
  window: PageWindow,
  cursors: Cursors,
): Promise<CountedPage> {
  const counted = await Promise.all(
    credentials.map((credential) =>
      countJobs(credential, readPageOf(credential), toSliceRequest(credential, window, cursors)),
    ),
  );
  const keys = counted.flatMap(({ counts }) => (counts === null ? [] : [counts]));
  return { sources: counted.map(({ source }) => source), neighbours: toNeighbours(keys, window) };
}

/** Counts one key's jobs around a page. A key that fails at either end of the page counts as failed. */
async function countJobs(
  credential: Credential,
  readPage: ReadPage,
  request: SliceRequest,
): Promise<{ readonly source: Source; readonly counts: JobCounts | null }> {
  const { begin, stop, direction } = request;
  const state = initialState(request);
  const read = (from: Boundary, way: Direction) =>
    readSource(credential, readPage, { begin: from, direction: way, count: 0, stop: null }, state);
  const [first, last] = await Promise.all([
    read(begin, direction),
    stop === null ? null : read(stop, opposite(direction)),
  ]);
  if (!isAnswered(first)) return { source: first, counts: null };
  if (last !== null && !isAnswered(last)) return { source: last, counts: null };
  const ahead = jobsAhead(first.result, direction);
  // A stop in front of the beginning stops at the beginning.
  const beyond = last === null ? 0 : Math.min(ahead, jobsAhead(last.result, direction));
  const passed = jobsAhead(first.result, opposite(direction));
  return { source: first, counts: { passed, open: ahead - beyond, beyond } };
}

function jobsAhead({ leading, trailing }: Slice, direction: Direction): number {
  return direction === 'forward' ? trailing : leading;
}

function toNeighbours(keys: readonly JobCounts[], { direction, count }: PageWindow): Neighbours | null {
  const hasBeyond = keys.some(({ beyond }) => beyond > 0);
  const isFull = keys.some(({ open }) => open > count);
  const open = keys.reduce((sum, each) => sum + each.open, 0);
  if (!isFull && !hasBeyond && open > count) return null;
  const [near, far] = [keys.some(({ passed }) => passed > 0), isFull || hasBeyond];
  return direction === 'forward'
    ? { hasLeading: near, hasTrailing: far }
    : { hasLeading: far, hasTrailing: near };
}

import type { Direction } from '../list/bookmark.ts';
import { type Anchor, createdAtMs, type Entry, keyOf } from '../list/entry.ts';
import type { Slice } from '../list/read-slice.ts';
import type { AnsweredSource, Source } from './read-source.ts';

/** One edge of the merged list. */
export interface MergedEdge {
  /** Where the edge stands in the slice of each source that answered. */
  readonly positions: ReadonlyMap<Source, EdgePosition>;
  /** When the job was created, in milliseconds since the epoch. Null where no source tells. */
  readonly createdAtMs: number | null;
}

/** Where an edge stands in the slice of one source. */
export interface EdgePosition {
  readonly slice: Slice;
  /** How many entries of the slice's segment stand in front of the edge. */
  readonly index: number;
  /** The job of the edge as this source lists it. Null where this source does not list it here. */
  readonly entry: Entry | null;
}

/** A part of several lists merged into one. */
export interface Merged {
  readonly edges: readonly MergedEdge[];
  /** Whether jobs of any list stand in front of the part. */
  readonly hasLeading: boolean;
  /** Whether jobs of any list stand behind the part. */
  readonly hasTrailing: boolean;
}

/** The order in which lists are merged. */
export type MergeOrder = 'newest-first' | 'oldest-first';

/** A slice, and how far it has been merged. */
interface MergeCursor {
  readonly source: AnsweredSource;
  readonly slice: Slice;
  /** The index of each job in the segment of the slice: empty where there is no other list to compare with. */
  readonly indexOf: ReadonlyMap<unknown, number>;
  /** The index of the head: the entry that is merged next. */
  next: number;
}

/**
 * Merges the slices of several sources into one list. The slices begin (forward) or end (backward) at the same place of
 * that list. The newest job comes first, no list changes its own order, and a job of several lists is one edge. Jobs of
 * the same moment follow the order of the sources, which must not change from page to page.
 *
 * @param passed The anchors that the reader has passed, in whichever list. Their jobs are left out.
 */
export function mergeSlices(
  sources: readonly AnsweredSource[],
  direction: Direction,
  count: number,
  passed: ReadonlySet<Anchor>,
): Merged {
  const cursors = sources.map((source) => toMergeCursor(source, sources.length > 1));
  const order = mergeOrderOf(sources);
  const isForward = direction === 'forward';
  const edges: MergedEdge[] = [];
  const taken = new Set<unknown>();
  const skipTaken = () => {
    for (const cursor of cursors) skip(cursor, taken, passed);
  };

  skipTaken();
  // A backward page is merged from its front as well: only then both directions give the same order.
  while (!isForward || edges.length < count) {
    const key = nextKey(cursors, order);
    if (key === null) break;
    edges.push(toEdge(cursors, key));
    taken.add(key);
    skipTaken();
  }
  const kept = isForward ? edges : edges.slice(Math.max(0, edges.length - count));
  return {
    edges: kept,
    hasLeading: kept.length < edges.length || cursors.some(({ slice }) => slice.leading > 0),
    hasTrailing: cursors.some(({ next, slice }) => next < slice.to || slice.trailing > 0),
  };
}

/** The order in which sources are merged: oldest first only if a list has this order and none has the other. */
export function mergeOrderOf(sources: readonly AnsweredSource[]): MergeOrder {
  const orders = new Set(sources.map(({ result }) => result.order));
  return orders.has('oldest-first') && !orders.has('newest-first') ? 'oldest-first' : 'newest-first';
}

/** Compares creation times: negative where a job of `aMs` comes before a job of `bMs`. */
export function compareTimes(order: MergeOrder, aMs: number, bMs: number): number {
  return order === 'newest-first' ? bMs - aMs : aMs - bMs;
}

function toMergeCursor(source: AnsweredSource, hasOthers: boolean): MergeCursor {
  const slice = source.result;
  const entries = hasOthers ? slice.segment.entries : [];
  const indexOf = new Map(entries.map((entry, index) => [keyOf(entry), index]));
  return { source, slice, indexOf, next: slice.from };
}

/** The job to take next: the first of the heads. Null where there is none. */
function nextKey(cursors: readonly MergeCursor[], order: MergeOrder): unknown {
  const [only] = cursors;
  if (only !== undefined && cursors.length === 1) {
    const head = headOf(only);
    return head && keyOf(head);
  }
  const heads = cursors.flatMap((cursor) => {
    const entry = headOf(cursor);
    return entry === null ? [] : [{ key: keyOf(entry), timeMs: cursor.slice.timesMs[cursor.next] ?? 0 }];
  });
  const inOrder = heads.sort((a, b) => compareTimes(order, a.timeMs, b.timeMs));
  // A head that another list holds further on waits, so that it is taken from both at once. Lists that contradict each
  // other's order would wait for ever: then any head goes.
  const free = inOrder.find(({ key }) => !cursors.some((cursor) => isFurtherOn(cursor, key))) ?? inOrder[0];
  return free?.key ?? null;
}

function headOf({ slice, next }: MergeCursor): Entry | null {
  return next < slice.to ? (slice.segment.entries[next] ?? null) : null;
}

function isFurtherOn({ slice, indexOf, next }: MergeCursor, key: unknown): boolean {
  const index = indexOf.get(key);
  return index !== undefined && index > next && index < slice.to;
}

function toEdge(cursors: readonly MergeCursor[], key: unknown): MergedEdge {
  const positions = new Map<Source, EdgePosition>();
  let timeMs: number | null = null;
  for (const cursor of cursors) {
    const head = headOf(cursor);
    const entry = head !== null && keyOf(head) === key ? head : null;
    positions.set(cursor.source, { slice: cursor.slice, index: cursor.next, entry });
    if (entry !== null) timeMs ??= createdAtMs(entry);
  }
  return { positions, createdAtMs: timeMs };
}

/** Moves a cursor past the jobs that are merged already, and past those that the reader has passed. */
function skip(cursor: MergeCursor, taken: ReadonlySet<unknown>, passed: ReadonlySet<Anchor>): void {
  for (let head = headOf(cursor); head !== null; head = headOf(cursor)) {
    const isPassed = passed.size > 0 && passed.has(cursor.slice.anchors[cursor.next] ?? '');
    if (!isPassed && !taken.has(keyOf(head))) return;
    cursor.next += 1;
  }
}

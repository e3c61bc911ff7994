import type { Direction } from '../list/bookmark.ts';
import { type Anchor, createdAtMs, type Entry, keyOf } from '../list/entry.ts';
import type { Slice } from '../list/read-slice.ts';
import { knownTimes } from '../list/time-order.ts';

/** One place of the merged list. Both arrays have one value for each of the merged slices, in their order. */
export interface MergedEdge {
  /** The job as each list holds it here; null where a list does not. */
  readonly owners: readonly (Entry | null)[];
  /** How many entries of each slice's segment stand in front of the edge. */
  readonly indexes: readonly number[];
  /** When the job was created, in milliseconds since the epoch: null where nobody knows. */
  readonly createdAtMs: number | null;
}

/** A part of several lists merged into one. */
export interface Merged {
  readonly edges: readonly MergedEdge[];
  /** Whether jobs of any list stand in front of the part. */
  readonly hasLeading: boolean;
  /** Whether jobs of any list stand behind the part. */
  readonly hasTrailing: boolean;
}

/** A slice, and how far it has been merged. */
interface MergeCursor {
  readonly slice: Slice;
  readonly timesMs: readonly (number | null)[];
  readonly indexOf: ReadonlyMap<unknown, number>;
  next: number;
}

/**
 * Merges slices of several lists that begin (forward) or end (backward) at the same place of the merged list: the
 * newest job first, no change of order within a list, and a job that several lists hold once, for all of them. Where
 * times tie, the lists go in their order: give them in one that does not change. Lists that are all oldest first are
 * merged so, too.
 *
 * @param passed What the reader has passed already, in whichever list: it is not given again.
 */
export function mergeSlices(
  slices: readonly Slice[],
  direction: Direction,
  count: number,
  passed: ReadonlySet<Anchor>,
): Merged {
  const cursors = slices.map(toMergeCursor);
  const sign = signOf(slices);
  const isForward = direction === 'forward';
  const edges: MergedEdge[] = [];
  const taken = new Set<unknown>();
  const skipTaken = () => {
    for (const cursor of cursors) skip(cursor, taken, passed);
  };

  skipTaken();
  // Backward, too: the same order comes out whichever way one reads only if it comes about the same way.
  while (!isForward || edges.length < count) {
    const key = nextKey(cursors, sign);
    if (key === null) break;
    edges.push(toEdge(cursors, key));
    taken.add(key);
    skipTaken();
  }
  const kept = isForward ? edges : edges.slice(Math.max(0, edges.length - count));
  return {
    edges: kept,
    hasLeading: kept.length < edges.length || slices.some(({ leading }) => leading > 0),
    hasTrailing:
      cursors.some(({ next, slice }) => next < slice.to) || slices.some(({ trailing }) => trailing > 0),
  };
}

/** 1 where newer jobs go first, -1 where older ones do: only if no list says otherwise. */
export function signOf(slices: readonly Pick<Slice, 'order'>[]): 1 | -1 {
  const has = (order: Slice['order']) => slices.some((slice) => slice.order === order);
  return has('oldest-first') && !has('newest-first') ? -1 : 1;
}

function toMergeCursor(slice: Slice): MergeCursor {
  const { entries } = slice.segment;
  const indexOf = new Map(entries.map((entry, index) => [keyOf(entry), index]));
  return { slice, timesMs: knownTimes(entries), indexOf, next: slice.from };
}

/** The job to take next: of the cursors' heads the newest. */
function nextKey(cursors: readonly MergeCursor[], sign: 1 | -1): unknown {
  const heads = cursors.flatMap((cursor) => {
    const entry = headOf(cursor);
    return entry === null ? [] : [{ key: keyOf(entry), timeMs: cursor.timesMs[cursor.next] ?? 0 }];
  });
  const inOrder = heads.sort((a, b) => sign * (b.timeMs - a.timeMs));
  // A head that another cursor holds further on waits for that cursor, so that it is taken from both at once. Lists that
  // contradict each other's order would wait for ever: then any head goes.
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
  const owners = cursors.map((cursor) => {
    const head = headOf(cursor);
    return head !== null && keyOf(head) === key ? head : null;
  });
  const timesMs = owners.map((entry) => (entry === null ? null : createdAtMs(entry)));
  return {
    owners,
    indexes: cursors.map(({ next }) => next),
    createdAtMs: timesMs.find((timeMs) => timeMs !== null) ?? null,
  };
}

/** Moves a cursor past what has been taken, through itself or another, and past what the reader knows. */
function skip(cursor: MergeCursor, taken: ReadonlySet<unknown>, passed: ReadonlySet<Anchor>): void {
  for (let head = headOf(cursor); head !== null; head = headOf(cursor)) {
    if (!taken.has(keyOf(head)) && !passed.has(cursor.slice.anchors[cursor.next] ?? '')) return;
    cursor.next += 1;
  }
}

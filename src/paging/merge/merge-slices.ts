import type { Direction } from '../list/bookmark.ts';
import { type Anchor, createdAtMs, type Entry, keyOf } from '../list/entry.ts';
import type { Stretch } from '../list/read-slice.ts';
import { knownTimes } from '../list/time-order.ts';

/** One place of the merged list. Both arrays have one value for each of the merged stretches, in their order. */
export interface MergedEdge {
  /** The job as each list holds it here; null where a list does not. */
  readonly owners: readonly (Entry | null)[];
  /** How many entries of each stretch's run stand in front of the edge. */
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

/** A stretch, and how far it has been merged. */
interface Lane {
  readonly stretch: Stretch;
  readonly timesMs: readonly (number | null)[];
  readonly indexOf: ReadonlyMap<unknown, number>;
  next: number;
}

/**
 * Merges stretches of several lists that begin (forward) or end (backward) at the same place of the merged list: the
 * newest job first, no change of order within a list, and a job that several lists hold once, for all of them. Where
 * times tie, the lists go in their order: give them in one that does not change. Lists that are all oldest first are
 * merged so, too.
 *
 * @param passed What the reader has passed already, in whichever list: it is not given again.
 */
export function mergeStretches(
  stretches: readonly Stretch[],
  direction: Direction,
  count: number,
  passed: ReadonlySet<Anchor>,
): Merged {
  const lanes = stretches.map(toLane);
  const sign = signOf(stretches);
  const isForward = direction === 'forward';
  const edges: MergedEdge[] = [];
  const taken = new Set<unknown>();
  const skipTaken = () => {
    for (const lane of lanes) skip(lane, taken, passed);
  };

  skipTaken();
  // Backward, too: the same order comes out whichever way one reads only if it comes about the same way.
  while (!isForward || edges.length < count) {
    const key = nextKey(lanes, sign);
    if (key === null) break;
    edges.push(toEdge(lanes, key));
    taken.add(key);
    skipTaken();
  }
  const kept = isForward ? edges : edges.slice(Math.max(0, edges.length - count));
  return {
    edges: kept,
    hasLeading: kept.length < edges.length || stretches.some(({ leading }) => leading > 0),
    hasTrailing:
      lanes.some(({ next, stretch }) => next < stretch.to) || stretches.some(({ trailing }) => trailing > 0),
  };
}

/** 1 where newer jobs go first, -1 where older ones do: only if no list says otherwise. */
export function signOf(stretches: readonly Pick<Stretch, 'order'>[]): 1 | -1 {
  const has = (order: Stretch['order']) => stretches.some((stretch) => stretch.order === order);
  return has('oldest-first') && !has('newest-first') ? -1 : 1;
}

function toLane(stretch: Stretch): Lane {
  const { entries } = stretch.run;
  const indexOf = new Map(entries.map((entry, index) => [keyOf(entry), index]));
  return { stretch, timesMs: knownTimes(entries), indexOf, next: stretch.from };
}

/** The job to take next: of the lanes' heads the newest. */
function nextKey(lanes: readonly Lane[], sign: 1 | -1): unknown {
  const heads = lanes.flatMap((lane) => {
    const entry = headOf(lane);
    return entry === null ? [] : [{ key: keyOf(entry), timeMs: lane.timesMs[lane.next] ?? 0 }];
  });
  const inOrder = heads.sort((a, b) => sign * (b.timeMs - a.timeMs));
  // A head that another lane holds further on waits for that lane, so that it is taken from both at once. Lists that
  // contradict each other's order would wait for ever: then any head goes.
  const free = inOrder.find(({ key }) => !lanes.some((lane) => isFurtherOn(lane, key))) ?? inOrder[0];
  return free?.key ?? null;
}

function headOf({ stretch, next }: Lane): Entry | null {
  return next < stretch.to ? (stretch.run.entries[next] ?? null) : null;
}

function isFurtherOn({ stretch, indexOf, next }: Lane, key: unknown): boolean {
  const index = indexOf.get(key);
  return index !== undefined && index > next && index < stretch.to;
}

function toEdge(lanes: readonly Lane[], key: unknown): MergedEdge {
  const owners = lanes.map((lane) => {
    const head = headOf(lane);
    return head !== null && keyOf(head) === key ? head : null;
  });
  const timesMs = owners.map((entry) => (entry === null ? null : createdAtMs(entry)));
  return {
    owners,
    indexes: lanes.map(({ next }) => next),
    createdAtMs: timesMs.find((timeMs) => timeMs !== null) ?? null,
  };
}

/** Moves a lane past what has been taken, through itself or another, and past what the reader knows. */
function skip(lane: Lane, taken: ReadonlySet<unknown>, passed: ReadonlySet<Anchor>): void {
  for (let head = headOf(lane); head !== null; head = headOf(lane)) {
    if (!taken.has(keyOf(head)) && !passed.has(lane.stretch.anchors[lane.next] ?? '')) return;
    lane.next += 1;
  }
}

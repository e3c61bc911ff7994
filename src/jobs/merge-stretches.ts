import type { Entry } from './entry.ts';
import { knownTimes } from './locate.ts';
import type { Direction } from './place.ts';
import type { Stretch } from './read-stretch.ts';

/** One place of the merged list. Both arrays have one value for each of the merged lists, in their order. */
export interface MergedEdge {
  /** The job as each list holds it here; null where a list does not. */
  readonly owners: readonly (Entry | null)[];
  /** How many entries of each stretch stand in front of the edge. */
  readonly indexes: readonly number[];
}

/** A part of several lists merged into one. */
export interface Merged {
  readonly edges: readonly MergedEdge[];
  /** Whether jobs of any list stand in front of the part. */
  readonly hasLeading: boolean;
  /** Whether jobs of any list stand behind the part. */
  readonly hasTrailing: boolean;
}

/** What is left of one stretch: `entries[low]` up to but without `entries[high]`. */
interface Lane {
  readonly stretch: Stretch;
  readonly timesMs: readonly number[];
  readonly indexOf: ReadonlyMap<string, number>;
  low: number;
  high: number;
}

/**
 * Merges stretches that begin (forward) or end (backward) at the same place of the merged list: the newest job first,
 * no change of order within a list, and a job that several lists hold once, for all of them. Where creation times
 * tie, the lists go in their order: give them in one that does not change. Backward gives the same order as forward
 * wherever the lists themselves are newest first.
 */
export function mergeStretches(stretches: readonly Stretch[], direction: Direction, count: number): Merged {
  const lanes = stretches.map(toLane);
  const edges: MergedEdge[] = [];
  const taken = new Set<string>();
  while (edges.length < count) {
    const identity = nextIdentity(lanes, direction);
    if (identity === null) break;
    edges.push(toEdge(lanes, identity, direction));
    taken.add(identity);
    for (const lane of lanes) dropTaken(lane, taken, direction);
  }
  const isForward = direction === 'forward';
  return {
    edges: isForward ? edges : edges.reverse(),
    hasLeading: lanes.some(
      ({ stretch, high }) => stretch.leading + (isForward ? 0 : high - stretch.from) > 0,
    ),
    hasTrailing: lanes.some(({ stretch, low }) => stretch.trailing + (isForward ? stretch.to - low : 0) > 0),
  };
}

function toLane(stretch: Stretch): Lane {
  const { entries, from, to } = stretch;
  const indexOf = new Map(entries.map(({ item }, index) => [item.identity, index]));
  return { stretch, timesMs: knownTimes({ entries }), indexOf, low: from, high: to };
}

/** The index of the entry that a lane gives next; null where it has no more. */
function headOf({ low, high }: Lane, direction: Direction): number | null {
  if (low === high) return null;
  return direction === 'forward' ? low : high - 1;
}

/** The job to take next: of the lanes' heads the newest, or the oldest on the way back. */
function nextIdentity(lanes: readonly Lane[], direction: Direction): string | null {
  const heads = lanes.flatMap((lane) => {
    const head = headOf(lane, direction);
    const identity = head === null ? undefined : lane.stretch.entries[head]?.item.identity;
    return head === null || identity === undefined ? [] : [{ identity, timeMs: lane.timesMs[head] ?? 0 }];
  });
  // A head that another lane holds further on waits for that lane, so that it is taken from both at once. Lists that
  // contradict each other's order would wait for ever: then any head goes.
  const free = heads.filter(({ identity }) => !lanes.some((lane) => isBuried(lane, identity, direction)));
  const candidates = free.length > 0 ? free : heads;
  const [first, ...rest] = direction === 'forward' ? candidates : candidates.toReversed();
  if (first === undefined) return null;
  const sign = direction === 'forward' ? 1 : -1;
  return rest.reduce((best, head) => (sign * head.timeMs > sign * best.timeMs ? head : best), first).identity;
}

function isBuried(lane: Lane, identity: string, direction: Direction): boolean {
  const index = lane.indexOf.get(identity);
  return index !== undefined && index >= lane.low && index < lane.high && index !== headOf(lane, direction);
}

function toEdge(lanes: readonly Lane[], identity: string, direction: Direction): MergedEdge {
  const heads = lanes.map((lane) => {
    const head = headOf(lane, direction);
    return head !== null && lane.stretch.entries[head]?.item.identity === identity ? head : null;
  });
  return {
    owners: lanes.map(({ stretch }, index) => stretch.entries[heads[index] ?? -1] ?? null),
    indexes: lanes.map(({ low, high }, index) => heads[index] ?? (direction === 'forward' ? low : high)),
  };
}

/** Moves a lane past what has been taken, through itself or another. */
function dropTaken(lane: Lane, taken: ReadonlySet<string>, direction: Direction): void {
  for (let head = headOf(lane, direction); head !== null; head = headOf(lane, direction)) {
    const identity = lane.stretch.entries[head]?.item.identity;
    if (identity === undefined || !taken.has(identity)) return;
    if (direction === 'forward') lane.low += 1;
    else lane.high -= 1;
  }
}

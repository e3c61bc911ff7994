import type { Entry } from './entry.ts';
import type { ReadPage } from './list-page.ts';
import { type Boundary, type Direction, MAX_ANCHORS, placeAt } from './place.ts';
import { type Part, readPart } from './read-part.ts';
import type { Run } from './run.ts';

/** The jobs of one key's list next to a boundary, and what lies around them. */
export interface Stretch {
  /** The jobs, in the order of the list, with a few in front of them that only serve as anchors. */
  readonly entries: readonly Entry[];
  /** The stretch is `entries[from]` up to but without `entries[to]`. */
  readonly from: number;
  readonly to: number;
  /** How many jobs of the list stand in front of the stretch. */
  readonly leading: number;
  /** How many jobs of the list stand behind the stretch. */
  readonly trailing: number;
  /** How many jobs the list held when it was read last. */
  readonly total: number;
}

/** A list that changes faster than it can be read gives shorter pages, never wrong ones. */
const MAX_PARTS = 24;

/**
 * Reads `count` jobs of one key's list from a boundary in a direction; fewer where the list ends. Every job that is in
 * the list from the first request to the last is in the stretch, or beyond its ends, exactly once.
 */
export async function readStretch(
  readPage: ReadPage,
  boundary: Boundary,
  direction: Direction,
  count: number,
): Promise<Stretch> {
  if (isOutermost(boundary, direction) || (count === 0 && typeof boundary === 'string')) {
    return readNothing(readPage, boundary);
  }
  let stretch = await readPiece(readPage, boundary, direction, count);
  for (let parts = 1; parts < MAX_PARTS && isShort(stretch, direction, count); parts += 1) {
    const { entries, from, to } = stretch;
    const isForward = direction === 'forward';
    const edge = placeAt(entries, isForward ? to : from);
    const next = await readPiece(readPage, edge, direction, count - (to - from));
    stretch = isForward ? append(stretch, next) : append(next, stretch);
  }
  return stretch;
}

/** Nothing lies in front of the start or behind the end: only the total is asked for. */
async function readNothing(readPage: ReadPage, boundary: Boundary): Promise<Stretch> {
  const { total } = await readPage({ page: 1, limit: 1 });
  const [leading, trailing] = boundary === 'start' ? [0, total] : [total, 0];
  return { entries: [], from: 0, to: 0, leading, trailing, total };
}

function isOutermost(boundary: Boundary, direction: Direction): boolean {
  return boundary === (direction === 'forward' ? 'end' : 'start');
}

function isShort({ from, to, leading, trailing }: Stretch, direction: Direction, count: number): boolean {
  return to - from < count && (direction === 'forward' ? trailing : leading) > 0;
}

async function readPiece(
  readPage: ReadPage,
  boundary: Boundary,
  direction: Direction,
  count: number,
): Promise<Stretch> {
  const part = await readPart(readPage, boundary, direction, count);
  return direction === 'forward' ? cutForward(part, count) : cutBackward(part, count);
}

function cutForward({ run, index }: Part, count: number): Stretch {
  return cut(run, index, Math.min(run.entries.length, index + count));
}

function cutBackward({ run, index }: Part, count: number): Stretch {
  return cut(run, Math.max(0, index - count), index);
}

function cut(run: Run, from: number, to: number): Stretch {
  const anchorsFrom = Math.max(0, from - MAX_ANCHORS);
  return {
    entries: run.entries.slice(anchorsFrom, to),
    from: from - anchorsFrom,
    to: to - anchorsFrom,
    leading: offsetAt(run, from),
    trailing: run.isEnd ? run.entries.length - to : Math.max(0, run.total - offsetAt(run, to)),
    total: run.total,
  };
}

/** How many jobs stand in front of an index of a run: each page of a run may have been read at another moment. */
function offsetAt({ entries, offset }: Run, index: number): number {
  const last = entries[index - 1];
  return last === undefined ? offset : last.offset + 1;
}

/** One stretch of two that adjoin; a job that both hold, because it moved between them, stays where it is first. */
function append(front: Stretch, rear: Stretch): Stretch {
  const known = new Set(front.entries.slice(front.from, front.to).map(({ item }) => item.identity));
  const fresh = rear.entries.slice(rear.from, rear.to).filter(({ item }) => !known.has(item.identity));
  const entries = [...front.entries.slice(0, front.to), ...fresh];
  return {
    entries,
    from: front.from,
    to: entries.length,
    leading: front.leading,
    trailing: rear.trailing,
    total: Math.max(front.total, rear.total),
  };
}

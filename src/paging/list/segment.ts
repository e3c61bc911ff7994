import type { ListPage } from '../../jobs/list-page.ts';
import { spanOf } from '../../jobs/span.ts';
import type { PageRequest } from '../../upstream/job-list.ts';
import { type Entry, keyOf } from './entry.ts';

/**
 * A piece of one key's list without gaps. It holds, in the order of the list, each job between its first and its last
 * that was in the list while the pages were read.
 */
export interface Segment {
  readonly entries: readonly Entry[];
  /** The offset of its first entry, if all changes of the total happened in front of it. */
  readonly start: number;
  /** The offset of its end, in the same sense. */
  readonly end: number;
  /** The total of the list that both offsets belong to. */
  readonly total: number;
  /** Whether the list held no job behind it. */
  readonly isEnd: boolean;
  /** The latest round of requests that a part of it comes from. */
  readonly round: number;
}

/** So many jobs at the end of a segment are looked for in the next one: the last ones may have left the list. */
const LOOKBACK = 16;

/** So few jobs beyond the shared ones tell too little: they may have come in between two requests. */
const FEW = 4;

/**
 * The segment that one page is. A page may lack rows: it ends its list only if the total says so, or if it is empty.
 */
export function toSegment({ items, total }: ListPage, request: PageRequest, round: number): Segment {
  const span = spanOf(request);
  const isEmpty = items.length === 0;
  const isEnd = isEmpty || span.end >= total;
  // A page behind the end of its list is empty. The whole list stands in front of it.
  const start = isEmpty ? Math.min(span.start, total) : span.start;
  return {
    entries: withoutRepeats(items.map((item, index) => ({ item, offset: start + index, total }))),
    start,
    end: isEnd ? start + items.length : span.end,
    total,
    isEnd,
    round,
  };
}

/** Joins segments that share a job. The result is in the order of the list, which now holds `total` jobs. */
export function joinSegments(segments: readonly Segment[], total: number): readonly Segment[] {
  const apart: Segment[] = [];
  for (const segment of segments.map((each) => rebase(each, total)).sort((a, b) => a.start - b.start)) {
    const last = apart.at(-1);
    const joined = last === undefined ? null : join(last, segment);
    if (joined === null) apart.push(segment);
    else apart[apart.length - 1] = joined;
  }
  const whole = apart.find(isWhole);
  return whole === undefined ? apart : [whole];
}

/** Whether a segment is the whole list. */
export function isWhole({ start, isEnd }: Segment): boolean {
  return start === 0 && isEnd;
}

function rebase(segment: Segment, total: number): Segment {
  const shift = total - segment.total;
  const start = segment.start === 0 ? 0 : Math.max(1, segment.start + shift);
  return { ...segment, start, end: Math.max(start, segment.end + shift), total };
}

/** A segment beside another: the jobs from the first to the last that both hold, and those on either side. */
interface Parts {
  readonly segment: Segment;
  readonly front: readonly Entry[];
  readonly middle: readonly Entry[];
  readonly rear: readonly Entry[];
}

/**
 * Joins two segments that overlap. The newer one tells the order of the jobs that both hold. Null where they do not
 * overlap: jobs may stand between them.
 */
function join(a: Segment, b: Segment): Segment | null {
  if (!endsIn(a, b) && !endsIn(b, a)) return null;
  const [older, newer] = a.round > b.round ? [split(b, a), split(a, b)] : [split(a, b), split(b, a)];
  const isFrontNewer = isTrusted(newer.front, newer.segment.start === 0, older.front);
  const isRearNewer = isTrusted(newer.rear, newer.segment.isEnd, older.rear);
  const [front, rear] = [isFrontNewer ? newer : older, isRearNewer ? newer : older];
  const start = newer.segment.start + newer.front.length - front.front.length;
  return {
    ...newer.segment,
    entries: withoutRepeats([...front.front, ...newer.middle, ...rear.rear]),
    start: front.segment.start === 0 ? 0 : Math.max(1, start),
    end: newer.segment.end - newer.rear.length + rear.rear.length,
    isEnd: rear.segment.isEnd,
  };
}

/** Whether one of the last jobs of a segment is in the other. */
function endsIn({ entries }: Segment, other: Segment): boolean {
  const keys = new Set(other.entries.map(keyOf));
  return entries.slice(-LOOKBACK).some((entry) => keys.has(keyOf(entry)));
}

/** Whether the newer of two segments, not the older, tells what stands beyond the jobs that both hold. */
function isTrusted(newer: readonly Entry[], isEndOfList: boolean, older: readonly Entry[]): boolean {
  return isEndOfList || newer.length > FEW || newer.length >= older.length;
}

function split(segment: Segment, other: Segment): Parts {
  const keys = new Set(other.entries.map(keyOf));
  const isShared = (entry: Entry) => keys.has(keyOf(entry));
  const [from, to] = [segment.entries.findIndex(isShared), segment.entries.findLastIndex(isShared) + 1];
  return {
    segment,
    front: segment.entries.slice(0, from),
    middle: segment.entries.slice(from, to),
    rear: segment.entries.slice(to),
  };
}

/** Keeps the first entry of each job. A list should not repeat a job, but a job may move between two requests. */
function withoutRepeats(entries: readonly Entry[]): readonly Entry[] {
  const seen = new Set<unknown>();
  return entries.filter((entry) => {
    const key = keyOf(entry);
    return !seen.has(key) && seen.add(key);
  });
}

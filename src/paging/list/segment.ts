import type { ListPage } from '../../jobs/list-page.ts';
import { spanOf } from '../../jobs/span.ts';
import type { PageNumber } from '../../upstream/job-list.ts';
import { type Entry, keyOf } from './entry.ts';

/**
 * A slice of one key's list without gaps: every job that was in the list while its pages were read, and that stands
 * between its first job and its last, is in it once, in the order of the list.
 */
export interface Segment {
  readonly entries: readonly Entry[];
  /** How many jobs stand in front of it, if all that has changed since it was read changed in front of it. */
  readonly start: number;
  /** How many jobs stand in front of its end, in the same sense. */
  readonly end: number;
  /** How many jobs the list held at that moment. */
  readonly total: number;
  /** Whether nothing stood behind it. */
  readonly isEnd: boolean;
  /** The round of reading that it comes from, at least a part of it. */
  readonly round: number;
}

/** So many jobs at the end of a segment are looked for in the next, should the last ones have left the list meanwhile. */
const SEAM = 16;

/** Where segments overlap, so few jobs beyond may have come in by chance. */
const NEXT_TO_NOTHING = 4;

/**
 * The segment that one page is. A page may lack rows: it ends its list only if the total says so, or if it is empty.
 */
export function toSegment({ items, total }: ListPage, number: PageNumber, round: number): Segment {
  const span = spanOf(number);
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

/** Puts segments together wherever two share a job, and in the order of a list that now holds so many jobs. */
export function joinSegments(segments: readonly Segment[], total: number): readonly Segment[] {
  const apart: Segment[] = [];
  for (const segment of segments.map((each) => rebase(each, total)).sort((a, b) => a.start - b.start)) {
    const last = apart.pop();
    const joined = last === undefined ? segment : join(last, segment);
    apart.push(...(joined === null && last !== undefined ? [last, segment] : [joined ?? segment]));
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

/** A segment as it looks beside another: the jobs from the first to the last that both hold, and what lies around these. */
interface Parts {
  readonly segment: Segment;
  readonly front: readonly Entry[];
  readonly middle: readonly Entry[];
  readonly rear: readonly Entry[];
}

/**
 * One segment of two that overlap: the newer tells where what both hold stands now. Null where they do not overlap, so
 * that jobs may stand between them.
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
  return entries.slice(-SEAM).some((entry) => keys.has(keyOf(entry)));
}

/** What the newer of two segments has beyond the jobs that both hold is what stands there, unless it is next to nothing. */
function isTrusted(newer: readonly Entry[], isEndOfList: boolean, older: readonly Entry[]): boolean {
  return isEndOfList || newer.length > NEXT_TO_NOTHING || newer.length >= older.length;
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

/** Lists should not repeat a job; where one does, or where a job moved in it, the job stays where it is first. */
function withoutRepeats(entries: readonly Entry[]): readonly Entry[] {
  const seen = new Set<unknown>();
  return entries.filter((entry) => {
    const key = keyOf(entry);
    return !seen.has(key) && seen.add(key);
  });
}

import type { ListPage } from '../../jobs/list-page.ts';
import { spanOf } from '../../jobs/span.ts';
import type { PageNumber } from '../../upstream/job-list.ts';
import { type Entry, keyOf } from './entry.ts';

/**
 * A stretch of one key's list without gaps: every job that was in the list while its pages were read, and that stands
 * between its first job and its last, is in it once, in the order of the list.
 */
export interface Run {
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

/** So many jobs at the end of a run are looked for in the next, should the last ones have left the list meanwhile. */
const SEAM = 16;

/** Where runs overlap, so few jobs beyond may have come in by chance. */
const NEXT_TO_NOTHING = 4;

/** The run that one page is. A page that is not full ends its list, whatever the total says. */
export function toRun({ items, total }: ListPage, number: PageNumber, round: number): Run {
  const { start } = spanOf(number);
  const end = start + items.length;
  return {
    entries: withoutRepeats(items.map((item, index) => ({ item, offset: start + index, total }))),
    // Past its end a list gives empty pages: what stands in front of those is the whole list.
    start: items.length === 0 ? Math.min(start, total) : start,
    end: items.length === 0 ? Math.min(end, total) : end,
    total,
    isEnd: items.length < number.limit || end >= total,
    round,
  };
}

/** Puts runs together wherever two share a job, and in the order of a list that now holds so many jobs. */
export function weave(runs: readonly Run[], total: number): readonly Run[] {
  const woven: Run[] = [];
  for (const run of runs.map((each) => rebase(each, total)).sort((a, b) => a.start - b.start)) {
    const last = woven.pop();
    const joined = last === undefined ? run : join(last, run);
    woven.push(...(joined === null && last !== undefined ? [last, run] : [joined ?? run]));
  }
  const whole = woven.find(isWhole);
  return whole === undefined ? woven : [whole];
}

/** Whether a run is the whole list. */
export function isWhole({ start, isEnd }: Run): boolean {
  return start === 0 && isEnd;
}

function rebase(run: Run, total: number): Run {
  const shift = total - run.total;
  const start = run.start === 0 ? 0 : Math.max(1, run.start + shift);
  return { ...run, start, end: Math.max(start, run.end + shift), total };
}

/** A run as it looks beside another: the jobs from the first to the last that both hold, and what lies around these. */
interface Parts {
  readonly run: Run;
  readonly front: readonly Entry[];
  readonly middle: readonly Entry[];
  readonly rear: readonly Entry[];
}

/**
 * One run of two that overlap: the newer tells where what both hold stands now. Null where they do not overlap, so
 * that jobs may stand between them.
 */
function join(a: Run, b: Run): Run | null {
  if (!endsIn(a, b) && !endsIn(b, a)) return null;
  const [older, newer] = a.round > b.round ? [split(b, a), split(a, b)] : [split(a, b), split(b, a)];
  const isFrontNewer = isTrusted(newer.front, newer.run.start === 0, older.front);
  const isRearNewer = isTrusted(newer.rear, newer.run.isEnd, older.rear);
  const [front, rear] = [isFrontNewer ? newer : older, isRearNewer ? newer : older];
  const start = newer.run.start + newer.front.length - front.front.length;
  return {
    ...newer.run,
    entries: withoutRepeats([...front.front, ...newer.middle, ...rear.rear]),
    start: front.run.start === 0 ? 0 : Math.max(1, start),
    end: newer.run.end - newer.rear.length + rear.rear.length,
    isEnd: rear.run.isEnd,
  };
}

/** Whether one of the last jobs of a run is in the other. */
function endsIn({ entries }: Run, other: Run): boolean {
  const keys = new Set(other.entries.map(keyOf));
  return entries.slice(-SEAM).some((entry) => keys.has(keyOf(entry)));
}

/** What the newer of two runs has beyond the jobs that both hold is what stands there, unless it is next to nothing. */
function isTrusted(newer: readonly Entry[], isEndOfList: boolean, older: readonly Entry[]): boolean {
  return isEndOfList || newer.length > NEXT_TO_NOTHING || newer.length >= older.length;
}

function split(run: Run, other: Run): Parts {
  const keys = new Set(other.entries.map(keyOf));
  const isShared = (entry: Entry) => keys.has(keyOf(entry));
  const [from, to] = [run.entries.findIndex(isShared), run.entries.findLastIndex(isShared) + 1];
  return {
    run,
    front: run.entries.slice(0, from),
    middle: run.entries.slice(from, to),
    rear: run.entries.slice(to),
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

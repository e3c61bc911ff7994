import { isFromSameKeys } from './list-head.ts';
import type { LiveList, Row } from './live-list.ts';
import { recheck } from './recheck.ts';

/**
 * Counts the jobs that the list does not show, after a page was put into it. New jobs at the top are in the first page, and do
 * not change that number. If a first page changes it, jobs came or went behind it, and the list is to be read again from
 * there. Only a first page that leaves a gap adds the jobs in the gap: they are counted when the gap is filled.
 *
 * @param merged - The list with the page.
 * @param former - The list as it was before.
 * @param place - Where it was put: at the top, into a gap, or behind the last row.
 */
export function countUnseen<R extends Row>(
  merged: LiveList<R>,
  former: LiveList<R>,
  place: 'head' | 'gap' | 'end',
  keyOf: (row: R) => string,
): LiveList<R> {
  const { head } = merged;
  const unseen = unseenOf(merged);
  if (head === null || unseen === undefined) return merged;
  // Other keys have other jobs: nobody knows how many of them are missing among the rows.
  const isComparable = former.head !== null && isFromSameKeys(former.head, head);
  const more = isComparable ? unseen - (unseenOf(former) ?? unseen) : 0;
  const inGaps = isComparable ? former.inGaps : undefined;
  const isSurprise = place === 'head' && more !== 0;
  if (isSurprise && (inGaps === undefined || isKnown(former, merged.rows[head.length - 1], keyOf))) {
    return recheck(merged, head.length, keyOf);
  }
  const left = inGaps === undefined || place === 'end' ? inGaps : inGaps + more;
  if (hasGapIn(merged, keyOf)) return { ...merged, inGaps: left };
  return (left ?? 0) === 0 ? { ...merged, inGaps: 0 } : recheck(merged, head.length, keyOf);
}

/** How many jobs the list has beside its rows: undefined where no `totalCount` says so. */
function unseenOf<R extends Row>({ head, rows }: LiveList<R>): number | undefined {
  return head?.totalCount === undefined ? undefined : head.totalCount - weigh(rows);
}

/** Whether the list has this row: a head that ends with it leaves no gap. */
function isKnown<R extends Row>(
  { rows }: LiveList<R>,
  wanted: R | undefined,
  keyOf: (row: R) => string,
): boolean {
  return wanted === undefined || rows.some((row) => keyOf(row) === keyOf(wanted));
}

/** Whether rows are missing, or not to be relied on, before the last one. */
function hasGapIn<R extends Row>({ rows, open, unsure }: LiveList<R>, keyOf: (row: R) => string): boolean {
  const last = rows.slice(-1).map(keyOf).join();
  return unsure.length > 0 || open.some((key) => key !== last);
}

/** How often `totalCount` counts these rows. */
function weigh(rows: readonly Row[]): number {
  return rows.reduce((sum, { weight = 1 }) => sum + weight, 0);
}

import { countUnseen } from './count-unseen.ts';
import { findStart } from './find-start.ts';
import { isFromSameKeys, toHead } from './list-head.ts';
import type { ListPage, LiveList, Row } from './live-list.ts';

/**
 * Puts a page into a list: the first page if `after` is null, as a query or a live update gives it, else the page behind
 * that cursor. A page says all that the list has between its two ends. So it takes the place of what was known there, and
 * what was known behind its last row stays. Where that row was not known, there may be others before the next known
 * one: the list is open there, and `nextCursor` says where to read on.
 *
 * If the number of jobs is not what it must be, jobs have come or gone behind the first page: what is known behind it
 * stays, and is to be read again (`recheck`). Nothing tells that as many came as went.
 *
 * Gives the same list back if the page does not fit: if it is a first page from before the newest one, or if it starts
 * where the list is not open any more. Read on from `nextCursor` then.
 *
 * @param keyOf - Tells rows apart: the id of the job, or something of its own for a job that cannot be read.
 */
export function mergePage<R extends Row>(
  list: LiveList<R>,
  page: ListPage<R>,
  after: string | null,
  keyOf: (row: R) => string,
): LiveList<R> {
  const isHead = after === null;
  if (isHead && isOutdated(list, page)) return list;
  const start = isHead ? { index: -1, skip: 0 } : findStart(list, page, after, keyOf);
  if (start === null) return list;
  const kept = list.rows.slice(0, start.index + 1);
  const fitting = isHead ? page : cutBehindEnd(page, list.rows.slice(start.index + 1), keyOf);
  const added = withoutRepeats(fitting.rows.slice(start.skip), kept, keyOf);
  // A page of no rows says nothing, unless it says that this is the end.
  if (added.length === 0 && page.hasNextPage && list.rows.length > 0) return list;
  const merged = putBetween(list, fitting, kept, added, isHead && isRecovered(list, page), keyOf);
  if (isHead) return countUnseen({ ...merged, head: toHead(page) }, list, 'head', keyOf);
  return countUnseen(merged, list, start.index === list.rows.length - 1 ? 'end' : 'gap', keyOf);
}

/**
 * The page without what lies behind the last known row, if that can be read on from: a list that is read again would else
 * grow each time.
 */
function cutBehindEnd<R extends Row>(
  page: ListPage<R>,
  known: readonly R[],
  keyOf: (row: R) => string,
): ListPage<R> {
  const end = known.at(-1);
  const index = end === undefined ? -1 : page.rows.findIndex((row) => keyOf(row) === keyOf(end));
  if (page.rows[index]?.cursor === undefined || index === page.rows.length - 1) return page;
  return { ...page, rows: page.rows.slice(0, index + 1), hasNextPage: true };
}

/** Puts the rows of a page that are new to the list behind those that are kept, and in place of what was known there. */
function putBetween<R extends Row>(
  list: LiveList<R>,
  page: ListPage<R>,
  kept: readonly R[],
  added: readonly R[],
  isMistrusted: boolean,
  keyOf: (row: R) => string,
): LiveList<R> {
  const { failed = [], hasNextPage } = page;
  const places = new Map(list.rows.map((row, index) => [keyOf(row), index]));
  const seam = Math.max(kept.length - 1, ...added.map((row) => places.get(keyOf(row)) ?? -1));
  const front = [...kept, ...added];
  // What seems to be the end may be that of the keys that answered.
  const isEnd = !hasNextPage && failed.length === 0;
  const behind = withoutRepeats(list.rows.slice(seam + 1), front, keyOf);
  const readAgain = front.length - (list.head?.length ?? 0);
  const isPast =
    kept.length > 0 && failed.length === 0 && seam < kept.length && isMissed(list, behind, readAgain, keyOf);
  const rest = isEnd || isPast ? [] : behind;
  const restKeys = rest.map(keyOf);
  const lastKey = front.slice(-1).map(keyOf).join();
  const isJoined = places.get(lastKey) === seam && ![...list.open, ...list.unsure].includes(lastKey);
  const isOpen = rest.length === 0 ? hasNextPage : isMistrusted || (hasNextPage && !isJoined);
  const stillOpen = restOf(list.open, [...kept.slice(0, -1).map(keyOf), ...restKeys]);
  return {
    rows: [...(isOpen ? withFormerCursor(front, list, keyOf) : front), ...rest],
    open: isOpen ? [...stillOpen, lastKey] : stillOpen,
    unsure: isMistrusted ? restKeys : restOf(list.unsure, restKeys),
    failed: [...new Set([...failed, ...(isMistrusted ? [] : list.failed)])],
    rechecks: list.rechecks,
    inGaps: list.inGaps,
    head: list.head,
  };
}

/**
 * Whether rows that are to be read again are still missed after as many rows were read. Then they are gone, or so far behind
 * that they are not worth to be looked for: the list would be read to its end.
 */
function isMissed<R extends Row>(
  { unsure }: LiveList<R>,
  rows: readonly R[],
  readAgain: number,
  keyOf: (row: R) => string,
): boolean {
  return rows.length <= readAgain && rows.every((row) => unsure.includes(keyOf(row)));
}

/** Whether a key answers again that failed when some of the rows were read: its jobs are missing between them. */
function isRecovered<R extends Row>(list: LiveList<R>, { answered = [] }: ListPage<R>): boolean {
  return list.failed.some((label) => answered.includes(label));
}

/**
 * Whether this first page was read before the newest one. Times are compared only where the same keys answered: the time
 * is that of the oldest part, so that a key that comes back may turn it back.
 */
function isOutdated<R extends Row>({ head: newest }: LiveList<R>, page: ListPage<R>): boolean {
  const head = toHead(page);
  if (newest?.fetchedAt === undefined || head.fetchedAt === undefined) return false;
  return head.fetchedAt < newest.fetchedAt && isFromSameKeys(head, newest);
}

/** A place that stays open keeps its cursor: a page that was asked for behind it may be on its way. */
function withFormerCursor<R extends Row>(
  rows: readonly R[],
  { rows: former, open }: LiveList<R>,
  keyOf: (row: R) => string,
): readonly R[] {
  const last = rows.at(-1);
  if (last === undefined || !open.includes(keyOf(last))) return rows;
  const cursor = former.find((row) => keyOf(row) === keyOf(last))?.cursor;
  return cursor === undefined ? rows : [...rows.slice(0, -1), { ...last, cursor }];
}

function withoutRepeats<R>(rows: readonly R[], others: readonly R[], keyOf: (row: R) => string): R[] {
  const seen = new Set(others.map(keyOf));
  return rows.filter((row) => seen.size !== seen.add(keyOf(row)).size);
}

function restOf(keys: readonly string[], wanted: readonly string[]): readonly string[] {
  const set = new Set(wanted);
  return keys.filter((key) => set.has(key));
}

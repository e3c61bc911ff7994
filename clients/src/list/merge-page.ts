import type { ListPage, LiveList, Row } from './live-list.ts';

/** Tells rows apart: the id of the job, or something of its own for a job that cannot be read. */
type KeyOf<R> = (row: R) => string;

/**
 * Puts a page into a list: the first page if `after` is null, as a query or a live update gives it, else the page behind
 * that cursor. A page says all that the list has between its two ends. So it takes the place of what was known there, and
 * what was known behind its last row stays. Where that row was not known, there may be others before the next known
 * one: the list is open there, and `nextCursor` says where to read on.
 *
 * Gives the same list back if the page does not fit: if it is a first page from before the newest one, or if it starts
 * where the list is not open any more. Read on from `nextCursor` then.
 */
export function mergePage<R extends Row>(
  list: LiveList<R>,
  page: ListPage<R>,
  after: string | null,
  keyOf: KeyOf<R>,
): LiveList<R> {
  if (after === null && isOutdated(list, page)) return list;
  const start = after === null ? { index: -1, skip: 0 } : findStart(list, page, after, keyOf);
  if (start === null) return list;

  const kept = list.rows.slice(0, start.index + 1);
  const added = withoutRepeats(page.rows.slice(start.skip), kept, keyOf);
  // A page of no rows says nothing, unless it says that this is the end.
  if (added.length === 0 && page.hasNextPage && list.rows.length > 0) return list;

  const failed = page.failed ?? [];
  const recovered = after === null && list.failed.some((label) => page.answered?.includes(label));
  const places = new Map(list.rows.map((row, index) => [keyOf(row), index]));
  const seam = Math.max(start.index, ...added.map((row) => places.get(keyOf(row)) ?? -1));
  const isEnd = !page.hasNextPage && failed.length === 0;
  const rest = isEnd ? [] : withoutRepeats(list.rows.slice(seam + 1), [...kept, ...added], keyOf);

  const open = new Set(list.open);
  const unsure = new Set(list.unsure);
  const last = added.at(-1) ?? kept.at(-1);
  const lastKey = last === undefined ? '' : keyOf(last);
  const isKnown = places.get(lastKey) === seam && !open.has(lastKey) && !unsure.has(lastKey);
  const isOpen = rest.length > 0 ? recovered || (page.hasNextPage && !isKnown) : page.hasNextPage;
  // A place that stays open keeps its cursor: a page that was asked for behind it may be on its way.
  const former = open.has(lastKey) ? list.rows[places.get(lastKey) ?? -1] : undefined;
  if (isOpen && former !== undefined && added.length > 0) {
    added[added.length - 1] = { ...added[added.length - 1], cursor: former.cursor } as R;
  }
  const restKeys = rest.map(keyOf);
  return {
    rows: [...kept, ...added, ...rest],
    open: [
      ...[...kept.slice(0, -1).map(keyOf), ...restKeys].filter((key) => open.has(key)),
      ...(isOpen ? [lastKey] : []),
    ],
    unsure: recovered ? restKeys : restKeys.filter((key) => unsure.has(key)),
    failed: [...new Set([...failed, ...(recovered ? [] : list.failed)])],
    head: after === null ? headOf(page) : list.head,
  };
}

/**
 * Whether this first page was read before the newest one. Times are compared only where the same keys answered: the time
 * is that of the oldest part, so that one that comes back may turn it back.
 */
function isOutdated<R extends Row>({ head }: LiveList<R>, page: ListPage<R>): boolean {
  const { fetchedAt, answered } = headOf(page) ?? {};
  if (head === null || fetchedAt === undefined) return false;
  return fetchedAt < head.fetchedAt && answered?.join() === head.answered.join();
}

function headOf<R extends Row>({ fetchedAt, answered = [] }: ListPage<R>): LiveList<R>['head'] {
  return fetchedAt === undefined ? null : { fetchedAt, answered: [...answered].sort() };
}

/**
 * Behind which row of the list the page goes on, and how many of its own rows come before that: the row that it was
 * asked for behind, while the list is open there, else the first row of its own at which the list is open. An empty list
 * begins with any page.
 */
function findStart<R extends Row>(list: LiveList<R>, page: ListPage<R>, after: string, keyOf: KeyOf<R>) {
  if (list.rows.length === 0) return { index: -1, skip: 0 };
  const open = new Set(list.open);
  const places = new Map<string, number>();
  for (const [index, row] of list.rows.entries()) {
    if (!open.has(keyOf(row))) continue;
    if (row.cursor === after) return { index, skip: 0 };
    places.set(keyOf(row), index);
  }
  for (const [position, row] of page.rows.entries()) {
    const index = places.get(keyOf(row));
    if (index !== undefined) return { index, skip: position + 1 };
  }
  return null;
}

function withoutRepeats<R>(rows: readonly R[], others: readonly R[], keyOf: KeyOf<R>): R[] {
  const seen = new Set(others.map(keyOf));
  return rows.filter((row) => seen.size !== seen.add(keyOf(row)).size);
}

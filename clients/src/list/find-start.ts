import type { ListPage, LiveList, Row } from './live-list.ts';

/**
 * Behind which row of the list a page goes on, and how many of its own rows come before that: the row that it was
 * asked for behind, while the list is open there, else the first row of its own at which the list is open. A list of which
 * nothing is known begins with any page. Null if the page fits nowhere.
 */
export function findStart<R extends Row>(
  list: LiveList<R>,
  page: ListPage<R>,
  after: string,
  keyOf: (row: R) => string,
): { readonly index: number; readonly skip: number } | null {
  if (list.rows.length === 0) return list.open.length > 0 ? { index: -1, skip: 0 } : null;
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

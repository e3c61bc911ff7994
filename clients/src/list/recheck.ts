import type { LiveList, Row } from './live-list.ts';

/**
 * The same list, to be read again behind its first rows: what lies there may have changed without a change in the first
 * page. All rows stay until the pages that are read again say otherwise.
 */
export function recheck<R extends Row>(
  list: LiveList<R>,
  firstRows: number,
  keyOf: (row: R) => string,
): LiveList<R> {
  const rechecks = list.rechecks + 1;
  const last = list.rows[firstRows - 1];
  const rest = list.rows.slice(firstRows).map(keyOf);
  const checked = { ...list, rechecks, inGaps: undefined };
  if (last === undefined || rest.length === 0) return checked;
  return { ...checked, open: [...new Set([...list.open, keyOf(last)])], unsure: rest };
}

import type { LiveList, Row } from './live-list.ts';

/** Where to read on: the cursor behind which rows may be missing, the first one first. Null if all is known. */
export function nextCursor<R extends Row>(list: LiveList<R>, keyOf: (row: R) => string): string | null {
  const open = new Set(list.open);
  return list.rows.find((row) => open.has(keyOf(row)))?.cursor ?? null;
}

import type { LiveList, Row } from './live-list.ts';
import { nextCursor } from './next-cursor.ts';

/** What `pageInfo` says of a list: whether there is more to read, and where, in a gap first, else at the end. */
export function pageInfoOf<R extends Row>(
  list: LiveList<R>,
  keyOf: (row: R) => string,
): { readonly hasNextPage: boolean; readonly endCursor: string | null } {
  const endCursor = nextCursor(list, keyOf) ?? list.rows.at(-1)?.cursor ?? null;
  return { hasNextPage: list.open.length > 0, endCursor };
}

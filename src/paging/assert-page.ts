import { toSearchParams } from '../upstream/to-search-params.ts';
import { decodeCursor } from './cursor.ts';
import { type PageArguments, toPageWindow } from './list/page-window.ts';
import type { ConnectionRequest } from './read-connection.ts';

/**
 * Refuses the paging arguments that `readConnection` would refuse, without reading anything.
 *
 * @throws {GatewayError} `invalid-input` for a size out of bounds, and for a cursor that is not of this list.
 */
export function assertPage(
  page: PageArguments,
  { credentials, filter }: Pick<ConnectionRequest, 'credentials' | 'filter'>,
): void {
  toPageWindow(page);
  const fingerprints = credentials.map(({ key }) => key.fingerprint);
  const scope = { filter: toSearchParams(filter), fingerprints };
  if (page.after != null) decodeCursor('after', page.after, scope);
  if (page.before != null) decodeCursor('before', page.before, scope);
}

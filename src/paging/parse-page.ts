import type { ApiKey, Credential } from '../auth/api-key.ts';
import type { ListFilter } from '../upstream/job-list.ts';
import { toSearchParams } from '../upstream/to-search-params.ts';
import { type CursorScope, decodeCursor } from './cursor.ts';
import type { Cursors } from './page-bounds.ts';
import { type PageArguments, type PageWindow, toPageWindow } from './page-window.ts';

/** The jobs that the pages of a connection are made of. */
export interface PagedJobs {
  /** The keys whose lists are merged, in the order of the request: one at least. */
  readonly credentials: readonly Credential[];
  readonly filter: ListFilter;
}

/** The paging arguments of a connection, checked and decoded. */
export interface ParsedPage {
  readonly window: PageWindow;
  readonly cursors: Cursors;
  /** What the cursors belong to. */
  readonly scope: CursorScope;
}

/**
 * Checks and decodes paging arguments. Reads nothing.
 *
 * @throws {GatewayError} `invalid-input` for a size out of bounds, and for a cursor that is not of these jobs.
 */
export function parsePage(page: PageArguments, { credentials, filter }: PagedJobs): ParsedPage {
  const { after, before } = page;
  const keys = credentials.map(({ key }) => key);
  const fingerprints = keys.map(({ fingerprint }) => fingerprint);
  const scope = { filter: toSearchParams(filter), fingerprints, signer: signerOf(keys) };
  return {
    window: toPageWindow(page),
    cursors: {
      after: after == null ? null : decodeCursor('after', after, scope),
      before: before == null ? null : decodeCursor('before', before, scope),
    },
    scope,
  };
}

/** The key with the smallest fingerprint: neither the order of the keys nor their labels change it. */
function signerOf(keys: readonly ApiKey[]): ApiKey {
  return keys.reduce((first, key) => (key.fingerprint < first.fingerprint ? key : first));
}

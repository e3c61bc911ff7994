import { AsyncLocalStorage } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';
import { holdsKey } from '../../auth/holds-key.ts';

/** The id of the HTTP request that is being served. The logger adds it to every line about the request. */
export const requestIds = new AsyncLocalStorage<string>();

/** The header in which clients may send an id, and in which they get it. */
export const REQUEST_ID_HEADER = 'x-request-id';

/** UUIDs, and the ids of tracers and proxies. Keys of qBraid begin with `qbr_`: no id has a `_`. */
const WELL_FORMED = /^[A-Za-z0-9.:-]{1,128}$/;

/** The id of a request: what it sent, if that is well-formed and holds nothing of a key, otherwise a new one. */
export function toRequestId(headers: Pick<Headers, 'get'>): string {
  const sent = headers.get(REQUEST_ID_HEADER) ?? '';
  return WELL_FORMED.test(sent) && !holdsKey(sent, headers) ? sent : randomUUID();
}

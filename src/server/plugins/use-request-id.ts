import { AsyncLocalStorage } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';
import type { Plugin } from 'graphql-yoga';
import { holdsKey } from '../../auth/holds-key.ts';

/** The id of the HTTP request that is being served. The logger adds it to every line about the request. */
export const requestIds = new AsyncLocalStorage<string>();

const HEADER = 'x-request-id';
/** UUIDs, and the ids of tracers and proxies. Keys of qBraid begin with `qbr_`: no id has a `_`. */
const WELL_FORMED = /^[A-Za-z0-9.:-]{1,128}$/;

/**
 * Gives each request an id: its `X-Request-Id` if that is well-formed and holds nothing of a key, otherwise a new one. The
 * response has the id, and so has every log line about the request.
 */
export function useRequestId(): Plugin {
  return {
    instrumentation: {
      request: ({ request }, wrapped) => {
        const sent = request.headers.get(HEADER) ?? '';
        const isKept = WELL_FORMED.test(sent) && !holdsKey(sent, request.headers);
        return requestIds.run(isKept ? sent : randomUUID(), wrapped);
      },
    },
    onResponse({ response }) {
      const id = requestIds.getStore();
      if (id !== undefined) response.headers.set(HEADER, id);
    },
  };
}

import { AsyncLocalStorage } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';
import type { Plugin } from 'graphql-yoga';

/** The id of the HTTP request that is being served. The logger adds it to every line about the request. */
export const requestIds = new AsyncLocalStorage<string>();

const HEADER = 'x-request-id';
const KEY_HEADERS = ['x-api-key', 'x-api-keys'];
const WELL_FORMED = /^[\w.:-]{1,128}$/;

/**
 * Gives each request an id: its `X-Request-Id` if that is well-formed, otherwise a new one. The response has the id,
 * and so has every log line about the request.
 */
export function useRequestId(): Plugin {
  return {
    instrumentation: {
      request: ({ request }, wrapped) => {
        const sent = request.headers.get(HEADER) ?? '';
        return requestIds.run(WELL_FORMED.test(sent) && !isKey(sent, request) ? sent : randomUUID(), wrapped);
      },
    },
    onResponse({ response }) {
      const id = requestIds.getStore();
      if (id !== undefined) response.headers.set(HEADER, id);
    },
  };
}

/** A client may send its key as the id by mistake: then the key would stand in every log line. */
function isKey(id: string, { headers }: Request): boolean {
  return KEY_HEADERS.some((name) => headers.get(name)?.includes(id));
}

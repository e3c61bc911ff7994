import { AsyncLocalStorage } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';
import type { Plugin } from 'graphql-yoga';

/** The id of the HTTP request that is being served, for every log line on its behalf. */
export const requestIds = new AsyncLocalStorage<string>();

const HEADER = 'x-request-id';
const KEY_HEADERS = ['x-api-key', 'x-api-keys'];
const SANE = /^[\w.:-]{1,128}$/;

/**
 * Gives each request an id: the `X-Request-Id` that it came with where that is sane, else a new one. The answer carries
 * it, and so does every log line on the request's behalf.
 */
export function useRequestId(): Plugin {
  return {
    instrumentation: {
      request: ({ request }, wrapped) => {
        const sent = request.headers.get(HEADER) ?? '';
        return requestIds.run(SANE.test(sent) && !isKey(sent, request) ? sent : randomUUID(), wrapped);
      },
    },
    onResponse({ response }) {
      const id = requestIds.getStore();
      if (id !== undefined) response.headers.set(HEADER, id);
    },
  };
}

/** Somebody may take a key for an id: it would stand on every log line. */
function isKey(id: string, { headers }: Request): boolean {
  return KEY_HEADERS.some((name) => headers.get(name)?.includes(id));
}

import { createHash } from 'node:crypto';
import type { Plugin } from 'graphql-yoga';
import { LRUCache } from 'lru-cache';
import { isPlainObject } from '../../lib/is-plain-object.ts';
import { type HttpRefusal, toHttpError } from '../http/http-refusal.ts';

export interface AutomaticPersistedQueriesOptions {
  /** How much memory the documents may take; 0 turns automatically persisted queries off. */
  readonly maxBytes: number;
  /** Whether another plugin knows the document of this hash. */
  readonly isKnown: (hash: string) => boolean;
}

/** Clients know these answers by message and code. After the first they send the document, after the second always. */
const NOT_FOUND: HttpRefusal = {
  status: 200,
  code: 'PERSISTED_QUERY_NOT_FOUND',
  message: 'PersistedQueryNotFound',
};
const NOT_SUPPORTED: HttpRefusal = {
  status: 200,
  code: 'PERSISTED_QUERY_NOT_SUPPORTED',
  message: 'PersistedQueryNotSupported',
};

/** What an entry takes beside its text. */
const ENTRY_BYTES = 300;

/**
 * Apollo's automatic persisted queries: a client sends the hash of its document, and the document only if it is not
 * known yet. The documents are shared by all clients, because a hash is only known to who has the document. They are kept
 * in `maxBytes` of memory, and the least recently used are forgotten first. A client that finds its own forgotten sends
 * it again.
 */
export function useAutomaticPersistedQueries({
  maxBytes,
  isKnown,
}: AutomaticPersistedQueriesOptions): Plugin {
  const documents = maxBytes === 0 ? null : openDocuments(maxBytes);
  return {
    onParams({ params, setParams }) {
      const asked = params.extensions?.['persistedQuery'];
      if (!isPlainObject(asked)) return;
      const { version, sha256Hash: hash } = asked;
      if (typeof hash === 'string' && isKnown(hash)) return;
      if (documents === null) {
        throw toHttpError(NOT_SUPPORTED);
      }
      if (version !== 1 || typeof hash !== 'string') {
        throw badRequest('`persistedQuery` must have version 1 and a sha256Hash.');
      }
      setParams({ ...params, query: lookUpOrKeep(documents, hash, params.query) });
    },
  };
}

/** Gives the document of a hash. Keeps the document that comes with it. */
function lookUpOrKeep(documents: LRUCache<string, string>, hash: string, query: unknown): string {
  if (typeof query !== 'string' || query === '') {
    const known = documents.get(hash);
    if (known === undefined) throw toHttpError(NOT_FOUND);
    return known;
  }
  if (sha256(query) !== hash) {
    throw badRequest('`sha256Hash` must be the SHA-256 hash of the query, got another.');
  }
  documents.set(hash, query);
  return query;
}

function openDocuments(maxSize: number): LRUCache<string, string> {
  // With `max`, lru-cache would allocate for all entries at once.
  return new LRUCache({ maxSize, sizeCalculation: (text) => ENTRY_BYTES + 2 * text.length });
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function badRequest(message: string) {
  return toHttpError({ status: 400, code: 'BAD_REQUEST', message });
}

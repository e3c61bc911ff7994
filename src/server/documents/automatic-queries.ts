import { hash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { badRequest, type HttpRefusal, toHttpError } from '../http/http-refusal.ts';

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
export class AutomaticQueries {
  readonly #documents: LRUCache<string, string> | null;

  /** @param maxBytes 0 turns automatic persisted queries off. */
  constructor(maxBytes: number) {
    // With `max`, lru-cache would allocate for all entries at once.
    this.#documents =
      maxBytes === 0
        ? null
        : new LRUCache({ maxSize: maxBytes, sizeCalculation: (text) => ENTRY_BYTES + 2 * text.length });
  }

  /**
   * The document of what `extensions.persistedQuery` asks for. A document that comes with its hash is kept.
   *
   * @throws {GraphQLError} for a hash that is not known or is not that of the query, and whatever is malformed.
   */
  textOf({ version, sha256Hash }: Readonly<Record<string, unknown>>, query: unknown): string {
    if (this.#documents === null) throw toHttpError(NOT_SUPPORTED);
    if (version !== 1 || typeof sha256Hash !== 'string') {
      throw badRequest('`persistedQuery` must have version 1 and a sha256Hash.');
    }
    const known = this.#documents.get(sha256Hash);
    if (typeof query !== 'string' || query === '') {
      if (known === undefined) throw toHttpError(NOT_FOUND);
      return known;
    }
    if (query === known) return known;
    if (hash('sha256', query) !== sha256Hash) {
      throw badRequest('`sha256Hash` must be the SHA-256 hash of the query, got another.');
    }
    this.#documents.set(sha256Hash, query);
    return query;
  }
}

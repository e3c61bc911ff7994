import type { DocumentNode } from 'graphql';
import type { YogaServerOptions } from 'graphql-yoga';
import { LRUCache } from 'lru-cache';

type DocumentCache = YogaServerOptions<object, object>['parserAndValidationCache'];

/** What the parser keeps of one token: the token itself, its node and where both are. Measured. */
const TOKEN_BYTES = 400;
/** The same for a comment, which is no token. */
const COMMENT_BYTES = 100;
/** The result of validation, and the entry itself. */
const ENTRY_BYTES = 4096;

/**
 * Makes the cache of parsed documents by their text, with what validation says about them. It is shared by all clients,
 * since documents are no secrets: a client only learns of a document that it sends itself. It keeps to `maxBytes` of
 * memory, evicts the least recently used documents, and forgets nothing otherwise: the schema does not change.
 * 0 keeps none. Yoga's own cache has a thousand documents of any size.
 */
export function createDocumentCache(maxBytes: number): DocumentCache {
  if (maxBytes === 0) return false;
  // With `max`, lru-cache would allocate for all entries at once.
  const documentCache = new LRUCache<string, DocumentNode>({
    maxSize: maxBytes,
    sizeCalculation: (document, text) => weigh(document, text),
  });
  return { documentCache, errorCache: KEEPS_NOTHING };
}

/** A text that cannot be parsed is refused as quickly as it could be looked up. */
const KEEPS_NOTHING = { get: () => undefined, set: () => {} };

function weigh({ tokenCount = 0 }: DocumentNode, text: string): number {
  const comments = text.split('#').length - 1;
  return ENTRY_BYTES + 2 * text.length + TOKEN_BYTES * tokenCount + COMMENT_BYTES * comments;
}

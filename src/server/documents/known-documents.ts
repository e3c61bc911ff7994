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
 * The parsed documents by their text, and which of them are valid. They are shared by all clients, since documents are no
 * secrets: a client only learns of a document that it sends itself. They keep to `maxBytes` of memory: the least recently used
 * are evicted, and nothing is forgotten otherwise, since the schema does not change. 0 keeps none. Yoga's own cache has a
 * thousand documents of any size.
 */
export class KnownDocuments {
  readonly #documents: LRUCache<string, DocumentNode> | null;
  readonly #valid = new WeakSet<DocumentNode>();

  constructor(maxBytes: number) {
    // With `max`, lru-cache would allocate for all entries at once.
    this.#documents = maxBytes === 0 ? null : new LRUCache({ maxSize: maxBytes, sizeCalculation: weigh });
  }

  /** The same for Yoga, which parses and validates what is not known yet. */
  get cache(): DocumentCache {
    return this.#documents === null ? false : { documentCache: this.#documents, errorCache: KEEPS_NOTHING };
  }

  /** Notes that a document was found to be valid. */
  noteValid(document: DocumentNode): void {
    this.#valid.add(document);
  }

  /** The document with this text, if it is known to be valid. */
  findValid(text: string): DocumentNode | null {
    const document = this.#documents?.get(text);
    return document !== undefined && this.#valid.has(document) ? document : null;
  }
}

/** A text that cannot be parsed is refused as quickly as it could be looked up. */
const KEEPS_NOTHING = { get: () => undefined, set: () => {} };

function weigh({ tokenCount = 0 }: DocumentNode, text: string): number {
  const comments = text.split('#').length - 1;
  return ENTRY_BYTES + 2 * text.length + TOKEN_BYTES * tokenCount + COMMENT_BYTES * comments;
}

import type { DocumentNode, GraphQLError } from 'graphql';
import { LRUCache } from 'lru-cache';
import type { DocumentConfig } from '../../config/config.ts';
import { parseDocument } from './parse-document.ts';
import type { ValidateDocument } from './validate-document.ts';

/** What is kept of one token: the token itself, its node, where both are, and its part of one plan (see `PlanRoom`). Measured. */
const TOKEN_BYTES = 800;
/** The same for a comment, which is no token. */
const COMMENT_BYTES = 100;
/** The result of validation, and the entry itself. */
const ENTRY_BYTES = 4096;

export interface KnownDocumentsOptions extends DocumentConfig {
  readonly validate: ValidateDocument;
}

/**
 * The parsed documents by their text, and what is wrong with them, for the fast lane as for Yoga. They are shared by all clients,
 * since documents are no secrets: a client only learns of a document that it sends itself. They keep to `cacheBytes` of memory:
 * the least recently used are evicted, and nothing is forgotten otherwise, since the schema does not change. 0 keeps none.
 */
export class KnownDocuments {
  readonly #options: KnownDocumentsOptions;
  readonly #documents: LRUCache<string, DocumentNode> | null;
  readonly #errors = new WeakMap<DocumentNode, readonly GraphQLError[]>();

  constructor(options: KnownDocumentsOptions) {
    const { cacheBytes } = options;
    this.#options = options;
    // With `max`, lru-cache would allocate for all entries at once.
    this.#documents = cacheBytes === 0 ? null : new LRUCache({ maxSize: cacheBytes, sizeCalculation: weigh });
  }

  /**
   * The document with this text, which may be invalid.
   *
   * @throws {GatewayError} `too-complex` for a document beyond a limit.
   * @throws {GraphQLError} for a text that is no document.
   */
  parse(text: string): DocumentNode {
    const known = this.#documents?.get(text);
    if (known !== undefined) return known;
    const document = parseDocument(text, this.#options);
    this.#documents?.set(text, document);
    return document;
  }

  /** What is wrong with a document: nothing if it is valid. */
  errorsOf(document: DocumentNode): readonly GraphQLError[] {
    const known = this.#errors.get(document);
    if (known !== undefined) return known;
    const errors = this.#options.validate(document);
    this.#errors.set(document, errors);
    return errors;
  }

  /** The document with this text; null where it may not be executed, which Yoga says. */
  findValid(text: string): DocumentNode | null {
    try {
      const document = this.parse(text);
      return this.errorsOf(document).length === 0 ? document : null;
    } catch {
      return null;
    }
  }
}

function weigh({ tokenCount = 0 }: DocumentNode, text: string): number {
  const comments = text.split('#').length - 1;
  return ENTRY_BYTES + 2 * text.length + TOKEN_BYTES * tokenCount + COMMENT_BYTES * comments;
}

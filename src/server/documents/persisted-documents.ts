import type { GraphQLError } from 'graphql';
import type { ErrorCode } from '../../graphql/schema.generated.ts';
import { isPlainObject } from '../../lib/is-plain-object.ts';
import { toHttpError } from '../http/http-refusal.ts';
import type { AutomaticQueries } from './automatic-queries.ts';
import type { PersistedOperations } from './read-persisted-operations.ts';

/** The parameters that name a persisted operation: of GraphQL over HTTP, and of Relay. */
export const ID_PARAMETERS = ['documentId', 'doc_id'] as const;

/** The parameters of a request by which it asks for a document. */
export interface DocumentParams
  extends Readonly<Partial<Record<(typeof ID_PARAMETERS)[number] | 'extensions', unknown>>> {
  readonly query?: string | null | undefined;
}

export interface PersistedDocumentsOptions {
  /** They do not change. */
  readonly operations: PersistedOperations;
  /** Whether no other document is executed. */
  readonly only: boolean;
  readonly automatic: AutomaticQueries;
}

/**
 * Finds the documents of requests, for the fast lane as for Yoga: a request has its document in it, or names a persisted
 * operation by `documentId`, by `doc_id` or by the hash of `extensions.persistedQuery`, or a document that a client has sent
 * before by its hash. A name stands for the same document for as long as the process lives.
 */
export class PersistedDocuments {
  readonly #options: PersistedDocumentsOptions;

  constructor(options: PersistedDocumentsOptions) {
    this.#options = options;
  }

  /**
   * The text of the document that a request asks for. It is parsed, validated and limited like any other.
   *
   * @throws {GraphQLError} for a request that names none, names one that is not known, or may not send its own.
   */
  textOf({ query, ...naming }: DocumentParams): string {
    const { operations, only, automatic } = this.#options;
    if (only && query) {
      throw refusal(
        'PERSISTED_QUERY_ID_REQUIRED',
        'Only persisted operations are executed here: send an id, not a query.',
      );
    }
    const asked = isPlainObject(naming.extensions) ? naming.extensions['persistedQuery'] : null;
    const hash = isPlainObject(asked) ? asked['sha256Hash'] : null;
    const isListed = typeof hash === 'string' && operations.has(hash);
    if (!only && isPlainObject(asked) && !isListed) return automatic.textOf(asked, query);
    return query || this.#find([...ID_PARAMETERS.map((name) => naming[name]), hash]);
  }

  #find(ids: readonly unknown[]): string {
    const { operations, only } = this.#options;
    const id = ids.find((each) => typeof each === 'string');
    if (id === undefined) {
      throw only
        ? refusal(
            'PERSISTED_QUERY_ID_REQUIRED',
            'Only persisted operations are executed here: send the id of one.',
          )
        : refusal('BAD_REQUEST', 'Must provide query string, or the id of a persisted operation.');
    }
    const text = operations.get(id);
    if (text !== undefined) return text;
    throw refusal(
      'PERSISTED_QUERY_NOT_IN_LIST',
      `The id must be that of a persisted operation, got another one: ${only ? 'add' : 'send its query, or add'} it to the manifest of the gateway.`,
    );
  }
}

function refusal(code: ErrorCode, message: string): GraphQLError {
  return toHttpError({ status: 400, code, message });
}

import { usePersistedOperations } from '@graphql-yoga/plugin-persisted-operations';
import type { GraphQLParams, Plugin } from 'graphql-yoga';
import type { ErrorCode } from '../../graphql/schema.generated.ts';
import { isPlainObject } from '../../lib/is-plain-object.ts';
import { toHttpError } from '../http/http-refusal.ts';
import type { PersistedOperations } from './read-persisted-operations.ts';

/** The parameters that name a persisted operation: of GraphQL over HTTP, and of Relay. */
export const ID_PARAMETERS = ['documentId', 'doc_id'];

export interface KnownOperationsOptions {
  readonly operations: PersistedOperations;
  /** Whether no other document is executed. */
  readonly only: boolean;
}

/**
 * Finds the document of a request that names a persisted operation: by `documentId`, by `doc_id`, or by the hash of
 * `extensions.persistedQuery`. It is parsed, validated and limited like any other.
 */
export function useKnownOperations({ operations, only }: KnownOperationsOptions): Plugin {
  return usePersistedOperations({
    allowArbitraryOperations: !only,
    extractPersistedOperationId: findId,
    getPersistedOperation: (id) => operations.get(id) ?? null,
    customErrors: {
      notFound: () =>
        refusal('PERSISTED_QUERY_NOT_IN_LIST', 'No operation is persisted here under the id that was sent.'),
      persistedQueryOnly: () =>
        refusal(
          'PERSISTED_QUERY_ID_REQUIRED',
          'Only persisted operations are executed here: send an id, not a query.',
        ),
      keyNotFound: () =>
        only
          ? refusal(
              'PERSISTED_QUERY_ID_REQUIRED',
              'Only persisted operations are executed here: send the id of one.',
            )
          : refusal('BAD_REQUEST', 'Must provide query string, or the id of a persisted operation.'),
    },
  });
}

function findId(params: GraphQLParams, { method, url }: Request): string | null {
  // Of a GET request, Yoga reads only the parameters that it knows.
  const searched = method === 'GET' ? new URL(url).searchParams : new URLSearchParams();
  const named = ID_PARAMETERS.map((name) => (params as Record<string, unknown>)[name] ?? searched.get(name));
  return [...named, hashOf(params)].find((id) => typeof id === 'string') ?? null;
}

/** The hash by which Apollo names a document, if there is one. */
function hashOf({ extensions }: GraphQLParams): string | null {
  const query: unknown = isPlainObject(extensions) ? extensions['persistedQuery'] : null;
  const hash = isPlainObject(query) ? query['sha256Hash'] : null;
  return typeof hash === 'string' ? hash : null;
}

function refusal(code: ErrorCode, message: string) {
  return toHttpError({ status: 400, code, message });
}

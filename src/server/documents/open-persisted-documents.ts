import type { GraphQLSchema } from 'graphql';
import type { Config } from '../../config/config.ts';
import { GatewayError } from '../../lib/gateway-error.ts';
import { AutomaticQueries } from './automatic-queries.ts';
import { PersistedDocuments } from './persisted-documents.ts';
import { readPersistedOperations } from './read-persisted-operations.ts';

/**
 * Reads the persisted operations, once.
 *
 * @throws {GatewayError} `invalid-config` if they cannot be read, or could never be executed.
 */
export function openPersistedDocuments(
  schema: GraphQLSchema,
  { document: limits, persisted: { path, only, apqCacheBytes } }: Pick<Config, 'document' | 'persisted'>,
): PersistedDocuments {
  if (only && path === null) {
    throw new GatewayError(
      'invalid-config',
      'PERSISTED_ONLY=true needs PERSISTED_OPERATIONS, got none: no operation could be executed.',
    );
  }
  const operations = readPersistedOperations({ path, schema, limits });
  return new PersistedDocuments({ operations, only, automatic: new AutomaticQueries(apqCacheBytes) });
}

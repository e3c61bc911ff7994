import type { Plugin } from 'graphql-yoga';
import type { Config } from '../../config/config.ts';
import { executableSchema } from '../../graphql/executable-schema.ts';
import { GatewayError } from '../../lib/gateway-error.ts';
import type { KnownDocuments } from './known-documents.ts';
import { readPersistedOperations } from './read-persisted-operations.ts';
import { useAutomaticPersistedQueries } from './use-automatic-persisted-queries.ts';
import { useDocumentLimits } from './use-document-limits.ts';
import { useHiddenSchema } from './use-hidden-schema.ts';
import { useKnownOperations } from './use-known-operations.ts';
import { useOperationCost } from './use-operation-cost.ts';
import { useValidation } from './use-validation.ts';

/**
 * Makes the plugins through which each document goes before it is executed, in their order. They must come before all
 * plugins that replace the executor or complete its answers.
 *
 * @throws {GatewayError} `invalid-config` if the persisted operations cannot be read, or could never be executed.
 */
export function createDocumentPlugins(
  {
    document: limits,
    operation,
    exposure,
    persisted: { path, only, apqCacheBytes },
  }: Pick<Config, 'document' | 'operation' | 'exposure' | 'persisted'>,
  documents: Pick<KnownDocuments, 'noteValid'>,
): Plugin[] {
  if (only && path === null) {
    throw new GatewayError(
      'invalid-config',
      'PERSISTED_ONLY=true needs PERSISTED_OPERATIONS, got none: no operation could be executed.',
    );
  }
  const operations = readPersistedOperations({ path, schema: executableSchema, limits });
  const apq = useAutomaticPersistedQueries({ maxBytes: apqCacheBytes, isKnown: (id) => operations.has(id) });
  return [
    ...(only ? [] : [apq]),
    useKnownOperations({ operations, only }),
    useDocumentLimits(limits),
    useValidation({ ...exposure, onValid: (document) => documents.noteValid(document) }),
    useOperationCost(operation.maxCost),
    ...(exposure.fieldSuggestions ? [] : [useHiddenSchema()]),
  ];
}

import type { Plugin } from 'graphql-yoga';
import type { Config } from '../../config/config.ts';
import type { KnownDocuments } from './known-documents.ts';
import type { PersistedDocuments } from './persisted-documents.ts';
import { useHiddenSchema } from './use-hidden-schema.ts';
import { useKnownDocuments } from './use-known-documents.ts';
import { useOperationCost } from './use-operation-cost.ts';
import { usePersistedDocuments } from './use-persisted-documents.ts';

export interface DocumentPluginsOptions {
  readonly config: Pick<Config, 'operation' | 'exposure'>;
  readonly documents: Pick<KnownDocuments, 'parse' | 'errorsOf'>;
  readonly persisted: Pick<PersistedDocuments, 'textOf'>;
}

/**
 * Makes the plugins through which each document goes before it is executed, in their order. They must come before all
 * plugins that replace the executor or complete its answers.
 */
export function createDocumentPlugins({
  config: { operation, exposure },
  documents,
  persisted,
}: DocumentPluginsOptions): Plugin[] {
  return [
    usePersistedDocuments(persisted),
    useKnownDocuments(documents),
    useOperationCost(operation.maxCost),
    ...(exposure.fieldSuggestions ? [] : [useHiddenSchema()]),
  ];
}

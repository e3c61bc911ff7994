import type { Plugin } from 'graphql-yoga';
import type { Config } from '../../config/config.ts';
import type { KnownDocuments } from './known-documents.ts';
import type { PersistedDocuments } from './persisted-documents.ts';
import { useDocumentLimits } from './use-document-limits.ts';
import { useHiddenSchema } from './use-hidden-schema.ts';
import { useOperationCost } from './use-operation-cost.ts';
import { usePersistedDocuments } from './use-persisted-documents.ts';
import { useValidation } from './use-validation.ts';

export interface DocumentPluginsOptions {
  readonly config: Pick<Config, 'document' | 'operation' | 'exposure'>;
  readonly documents: Pick<KnownDocuments, 'noteValid'>;
  readonly persisted: Pick<PersistedDocuments, 'textOf'>;
}

/**
 * Makes the plugins through which each document goes before it is executed, in their order. They must come before all
 * plugins that replace the executor or complete its answers.
 */
export function createDocumentPlugins({
  config: { document: limits, operation, exposure },
  documents,
  persisted,
}: DocumentPluginsOptions): Plugin[] {
  return [
    usePersistedDocuments(persisted),
    useDocumentLimits(limits),
    useValidation({ ...exposure, onValid: (document) => documents.noteValid(document) }),
    useOperationCost(operation.maxCost),
    ...(exposure.fieldSuggestions ? [] : [useHiddenSchema()]),
  ];
}

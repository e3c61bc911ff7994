import type { Plugin } from 'graphql-yoga';
import type { PersistedDocuments } from '../documents/persisted-documents.ts';

/** Puts the document that a request names in the place of its query. */
export function usePersistedDocuments(documents: Pick<PersistedDocuments, 'textOf'>): Plugin {
  return {
    onParams({ params, setParams }) {
      setParams({ ...params, query: documents.textOf(params) });
    },
  };
}

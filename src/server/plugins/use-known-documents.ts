import { type GraphQLError, Source } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { GatewayError } from '../../lib/gateway-error.ts';
import type { KnownDocuments } from '../documents/known-documents.ts';
import { toRefusal } from '../http/http-refusal.ts';

/** Parses documents within limits and validates them, where they are not known yet. */
export function useKnownDocuments(documents: Pick<KnownDocuments, 'parse' | 'errorsOf'>): Plugin {
  return {
    onParse({ setParseFn }) {
      let refusal: GraphQLError | null = null;
      setParseFn((source: string | Source) => {
        try {
          return documents.parse(source instanceof Source ? source.body : source);
        } catch (error) {
          if (!(error instanceof GatewayError)) throw error;
          refusal = toRefusal(error);
          throw refusal;
        }
      });
      // Thrown from here, it skips the plugins that would take it for a syntax error.
      return () => {
        if (refusal !== null) throw refusal;
      };
    },
    onValidate({ params, setValidationFn }) {
      setValidationFn(() => documents.errorsOf(params.documentAST));
    },
  };
}

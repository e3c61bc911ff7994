import { type GraphQLError, Source } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { GatewayError } from '../../lib/gateway-error.ts';
import { toRefusal } from '../http/http-refusal.ts';
import { type DocumentLimits, parseDocument } from './parse-document.ts';

/** Parses documents within limits. Documents of the parser cache have kept to them before. */
export function useDocumentLimits(limits: DocumentLimits): Plugin {
  return {
    onParse({ setParseFn }) {
      let refusal: GraphQLError | null = null;
      setParseFn((source: string | Source) => {
        try {
          return parseDocument(source instanceof Source ? source.body : source, limits);
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
  };
}

import { GraphQLError, type ParseOptions, parse, type Source } from 'graphql';
import type { Plugin } from 'graphql-yoga';

/** Thirty times the introspection query of GraphiQL. */
const MAX_TOKENS = 5000;

/** Refuses documents with more tokens than any client needs, and documents that are nested too deeply to be parsed. */
export function useTokenLimit(): Plugin {
  return {
    onParse({ setParseFn }) {
      setParseFn((source: string | Source, options?: ParseOptions) => {
        try {
          return parse(source, { ...options, maxTokens: MAX_TOKENS });
        } catch (error) {
          // If all tokens are brackets, less than half of the limit exhausts the stack of the parser.
          throw error instanceof RangeError ? new GraphQLError('The document is nested too deeply.') : error;
        }
      });
    },
  };
}

import { GraphQLError, type ParseOptions, parse, type Source } from 'graphql';
import type { Plugin } from 'graphql-yoga';

/** Thirty times the introspection query of GraphiQL. */
const MAX_TOKENS = 5000;

/** Refuses documents with more tokens than any client needs, before they are parsed, and those nested without end. */
export function useTokenLimit(): Plugin {
  return {
    onParse({ setParseFn }) {
      setParseFn((source: string | Source, options?: ParseOptions) => {
        try {
          return parse(source, { ...options, maxTokens: MAX_TOKENS });
        } catch (error) {
          // Less than half of the tokens, if all of them are brackets, exhaust the parser's stack.
          throw error instanceof RangeError ? new GraphQLError('The document is nested too deeply.') : error;
        }
      });
    },
  };
}

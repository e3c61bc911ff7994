import { type ParseOptions, parse, type Source } from 'graphql';
import type { Plugin } from 'graphql-yoga';

/** Ten times the introspection query of GraphiQL; a fifth of what exhausts the parser's stack. */
const MAX_TOKENS = 5000;

/** Refuses documents with more tokens than any client needs, before they are parsed. */
export function useTokenLimit(): Plugin {
  return {
    onParse({ setParseFn }) {
      setParseFn((source: string | Source, options?: ParseOptions) =>
        parse(source, { ...options, maxTokens: MAX_TOKENS }),
      );
    },
  };
}

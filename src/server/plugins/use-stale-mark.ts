import { handleStreamOrSingleExecutionResult, type Plugin } from 'graphql-yoga';
import type { GraphQLContext } from '../../graphql/graphql-context.ts';

/** Says `extensions: { stale: true }` in an answer that holds anything older than its ordinary freshness. */
export function useStaleMark(): Plugin<GraphQLContext> {
  return {
    onExecute: ({ args }) => ({
      onExecuteDone: (payload) =>
        handleStreamOrSingleExecutionResult(payload, ({ result, setResult }) => {
          const context: GraphQLContext = args.contextValue;
          if (context.isStale()) setResult({ ...result, extensions: { ...result.extensions, stale: true } });
        }),
    }),
  };
}

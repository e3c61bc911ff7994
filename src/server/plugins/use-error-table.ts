import { handleStreamOrSingleExecutionResult, type Plugin } from 'graphql-yoga';
import type { GraphQLContext } from '../../graphql/graphql-context.ts';
import { toGraphQLError } from '../../graphql/to-graphql-error.ts';

/**
 * Puts the errors of an answer through the one error table, and adds those that resolvers reported beside their
 * answers. What the table does not know is left to Yoga, which logs and masks it.
 */
export function useErrorTable(): Plugin<GraphQLContext> {
  return {
    onExecute: ({ args }) => ({
      onExecuteDone: (payload) =>
        handleStreamOrSingleExecutionResult(payload, ({ result, setResult }) => {
          const context: GraphQLContext = args.contextValue;
          const errors = [...(result.errors ?? []).map(toGraphQLError), ...context.reported];
          if (errors.length > 0) setResult({ ...result, errors });
        }),
    }),
  };
}

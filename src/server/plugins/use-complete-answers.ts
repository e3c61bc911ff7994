import type { ExecutionResult } from 'graphql';
import { handleStreamOrSingleExecutionResult, type Plugin } from 'graphql-yoga';
import type { GraphQLContext } from '../../graphql/graphql-context.ts';
import { toGraphQLError } from '../../graphql/to-graphql-error.ts';

/** The part that the hooks of queries and of subscriptions share. */
type Payload = Parameters<typeof handleStreamOrSingleExecutionResult<GraphQLContext>>[0];

/**
 * Completes the answer of a query and each event of a subscription: puts its errors through the one error table, adds
 * the errors that resolvers reported beside their values, and says `extensions: { stale: true }` if anything in it is
 * older than its ordinary freshness. Yoga logs and masks the errors that the table does not know.
 */
export function useCompleteAnswers(): Plugin<GraphQLContext> {
  const completeEach = (payload: Payload) =>
    handleStreamOrSingleExecutionResult(payload, ({ args, result, setResult }) =>
      setResult(complete(result, args.contextValue)),
    );
  return {
    onExecute: () => ({ onExecuteDone: completeEach }),
    onSubscribe: ({ args }) => ({
      onSubscribeResult(payload) {
        // A quiet stream reads nothing of its own: its next event begins anew.
        (args.contextValue as GraphQLContext).complete();
        return completeEach(payload);
      },
    }),
  };
}

function complete(result: ExecutionResult, context: GraphQLContext): ExecutionResult {
  context.complete();
  const errors = [...(result.errors ?? []).map(toGraphQLError), ...context.reported()];
  return {
    ...result,
    ...(errors.length === 0 ? {} : { errors }),
    ...(context.isStale() ? { extensions: { ...result.extensions, stale: true } } : {}),
  };
}

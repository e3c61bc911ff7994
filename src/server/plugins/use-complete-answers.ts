import type { ExecutionResult } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import type { GraphQLContext } from '../../graphql/graphql-context.ts';
import { toGraphQLError } from '../../graphql/to-graphql-error.ts';
import { changeEach } from '../each-result.ts';

/**
 * Completes the answer of a query and each event of a subscription: puts its errors through the one error table, adds
 * the errors that resolvers reported beside their values, and says `extensions: { stale: true }` if anything in it is
 * older than its ordinary freshness. Yoga logs and masks the errors that the table does not know.
 */
export function useCompleteAnswers(): Plugin<GraphQLContext> {
  const completeEach = changeEach(complete);
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

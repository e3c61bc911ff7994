import type { ExecutionResult } from 'graphql';
import type { GraphQLContext } from './graphql-context.ts';
import { toGraphQLError } from './to-graphql-error.ts';

/**
 * Completes an answer, or an event: puts its errors through the one error table, adds the errors that resolvers reported
 * beside their values, and says `extensions: { stale: true }` if anything in it is older than its ordinary freshness. The
 * errors that the table does not know are left to be masked.
 */
export function completeResult(result: ExecutionResult, context: GraphQLContext): ExecutionResult {
  context.complete();
  const errors = [...(result.errors ?? []).map(toGraphQLError), ...context.reported()];
  return {
    ...result,
    ...(errors.length === 0 ? {} : { errors }),
    ...(context.isStale() ? { extensions: { ...result.extensions, stale: true } } : {}),
  };
}

import type { Plugin } from 'graphql-yoga';
import type { GraphQLContext } from '../../graphql/graphql-context.ts';
import { toGraphQLError } from '../../graphql/to-graphql-error.ts';
import { onEachResult } from '../on-each-result.ts';

/**
 * Puts the errors of an answer through the one error table, and adds those that resolvers reported beside their
 * answers. What the table does not know is left to Yoga, which logs and masks it.
 */
export function useErrorTable(): Plugin<GraphQLContext> {
  return onEachResult((result, context) => {
    const errors = [...(result.errors ?? []).map(toGraphQLError), ...context.reported()];
    return errors.length === 0 ? result : { ...result, errors };
  });
}

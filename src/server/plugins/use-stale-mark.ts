import type { Plugin } from 'graphql-yoga';
import type { GraphQLContext } from '../../graphql/graphql-context.ts';
import { onEachResult } from '../on-each-result.ts';

/** Says `extensions: { stale: true }` in an answer that holds anything older than its ordinary freshness. */
export function useStaleMark(): Plugin<GraphQLContext> {
  return onEachResult((result, context) =>
    context.isStale() ? { ...result, extensions: { ...result.extensions, stale: true } } : result,
  );
}

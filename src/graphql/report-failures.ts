import type { GraphQLResolveInfo } from 'graphql';
import { isFailure } from '../jobs/failures.ts';
import type { JobConnectionView } from '../paging/job-connection.ts';
import type { GraphQLContext } from './graphql-context.ts';

/** Adds each key that failed to the `errors` of the answer, so that a list is never silently partial. */
export function reportFailures(
  { sources }: JobConnectionView,
  context: GraphQLContext,
  info: GraphQLResolveInfo,
): void {
  for (const { key, result } of sources) {
    if (isFailure(result)) context.report({ label: key, error: result }, info);
  }
}

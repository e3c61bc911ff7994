import type { GraphQLResolveInfo } from 'graphql';
import { failuresOf } from '../jobs/failures-of.ts';
import { KeysFailedError } from '../jobs/keys-failed-error.ts';
import type { MergedView } from '../live/view-poller.ts';
import type { JobConnectionView } from '../paging/job-connection.ts';
import type { PageArguments } from '../paging/page-window.ts';
import type { ConnectionWants } from '../paging/read-connection.ts';
import type { GraphQLContext } from './graphql-context.ts';
import type { JobList } from './open-job-list.ts';
import { selectsSourceErrors } from './selects-source-errors.ts';

/** So many jobs with all their fields may take a millisecond to write, and several where no plan writes them. */
const LARGE_PAGE = 200;

/** Which page of a list a field asks for. */
export interface JobListRequest {
  readonly page: PageArguments;
  readonly wants: ConnectionWants;
}

/**
 * Reads a page of a list as the value of a field, and reports each key that failed: see {@link reportFailures}.
 *
 * @throws {GatewayError} `invalid-input` for invalid paging arguments.
 * @throws {KeysFailedError} if all keys failed. Its first failure is the error of the field; the others are reported.
 */
export async function readJobList(
  list: JobList,
  { page, wants }: JobListRequest,
  context: GraphQLContext,
  info: GraphQLResolveInfo,
): Promise<JobConnectionView> {
  const reading = list.read(context.session().loaders, page, wants);
  const connection = await reportingFailures(reading, context, info);
  // To write a large page takes a while: many that are read at once must not keep everybody waiting.
  if (connection.edges.length >= LARGE_PAGE) await context.takeTurn();
  return connection;
}

/** Waits for what several keys give as the value of a field, and reports each key that failed: see {@link reportFailures}. */
export async function reportingFailures<T extends MergedView>(
  reading: Promise<T>,
  context: GraphQLContext,
  info: GraphQLResolveInfo,
): Promise<T> {
  try {
    const merged = await reading;
    reportFailures(merged, context, info);
    return merged;
  } catch (error) {
    const [, ...others] = error instanceof KeysFailedError ? error.failures : [];
    for (const failure of others) context.report(failure, info);
    throw error;
  }
}

/**
 * Adds each key that failed to the `errors` of the answer, so that what several keys give is never silently partial. Where the
 * operation selects the errors of `sources`, they are data, and are not repeated: many clients drop all data of an answer that
 * has `errors`.
 */
export function reportFailures(
  { sources }: MergedView,
  context: GraphQLContext,
  info: GraphQLResolveInfo,
): void {
  const failures = failuresOf(sources);
  if (failures.length === 0) return;
  context.markPartial();
  if (selectsSourceErrors(info)) return;
  for (const failure of failures) context.report(failure, info);
}

import { isTerminal } from './is-terminal.ts';
import type { ReadJob } from './list-page.ts';

/**
 * Which of two readings of a job stands. The later one does, unless it lags: lists do, behind the reading of a single
 * job. An end is final; where the service says when it changed the job, the later change counts.
 */
export function newerJob(known: ReadJob, incoming: ReadJob): ReadJob {
  const [before, after] = [known.job, incoming.job];
  if (isTerminal(before.status) && !isTerminal(after.status)) return known;
  if (before.updatedAt !== null && after.updatedAt !== null && after.updatedAt < before.updatedAt)
    return known;
  return incoming;
}

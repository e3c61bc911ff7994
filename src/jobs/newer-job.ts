import type { Job } from '../upstream/job.ts';
import { isTerminal } from './is-terminal.ts';
import type { ReadJob } from './list-page.ts';

/**
 * Which of two readings of a job stands. What is final stands, however late something else is heard: lists lag behind
 * the readings of single jobs, and answers overtake each other. Else the later change does, where the service says when
 * it changed the job; else `incoming`, unless it is `isOvertaken`: asked for before `known` was read.
 */
export function newerJob(known: ReadJob, incoming: ReadJob, isOvertaken: boolean): ReadJob {
  const progress =
    finality(incoming.job) - finality(known.job) || lastChangeMs(incoming.job) - lastChangeMs(known.job);
  const isLater = progress === 0 || Number.isNaN(progress) ? !isOvertaken : progress > 0;
  return isLater ? incoming : known;
}

/** How final a job is: it may change, it has ended and only its cost may still come, it will not change. */
export function finality({ status, cost }: Job): 0 | 1 | 2 {
  if (!isTerminal(status)) return 0;
  return cost === null ? 1 : 2;
}

/** Not a number where the service does not say. */
function lastChangeMs({ updatedAt }: Job): number {
  return updatedAt?.getTime() ?? Number.NaN;
}

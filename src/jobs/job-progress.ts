import { isEqualJson } from '../lib/is-equal-json.ts';
import type { CancelStatus, Job, JobStatus } from '../upstream/job.ts';
import type { FetchedJob } from './list-page.ts';

const TERMINAL: ReadonlySet<JobStatus> = new Set(['COMPLETED', 'FAILED', 'CANCELLED']);

/** Whether a job with this status has ended for good. HOLD has not: its result may still be released. */
export function isTerminal(status: JobStatus): boolean {
  return TERMINAL.has(status);
}

/**
 * Which of two readings of a job stands. What is final stands, however late something else is heard: lists lag behind
 * the readings of single jobs, and answers overtake each other. Else the later change does, where upstream says when
 * it changed the job; else `incoming`, unless it is `isOvertaken`: asked for before `known` was read.
 */
export function newerJob(known: FetchedJob, incoming: FetchedJob, isOvertaken: boolean): FetchedJob {
  const progress = finality(incoming.job) - finality(known.job) || laterByMs(incoming.job, known.job);
  const isLater = progress === 0 ? !isOvertaken : progress > 0;
  return isLater ? incoming : known;
}

/**
 * Whether a reading of a job has come further than that of another key: what is final has, then what upstream changed later (a
 * reading that does not say when is before all that do), then what was read later. Unlike `newerJob`, this is an order: who takes
 * only what has come further takes nothing twice.
 */
export function hasComeFurther(reading: FetchedJob, other: FetchedJob): boolean {
  const progress =
    finality(reading.job) - finality(other.job) || changedAtMs(reading.job) - changedAtMs(other.job);
  return progress === 0 ? reading.fetched.seq > other.fetched.seq : progress > 0;
}

/** When upstream changed a job last, in milliseconds since the epoch: 0 where it does not say. */
export function changedAtMs({ updatedAt }: Job): number {
  return updatedAt?.getTime() ?? 0;
}

/** How final a job is: it may change, it has ended and only its cost may still come, it will not change. */
export function finality({ status, cost }: Job): 0 | 1 | 2 {
  if (!isTerminal(status)) return 0;
  return cost === null ? 1 : 2;
}

const BEFORE_CANCELLING: ReadonlySet<JobStatus> = new Set([
  'INITIALIZING',
  'QUEUED',
  'VALIDATING',
  'RUNNING',
]);

/** Whether a job with this status has not come as far as one that is being cancelled, or was. */
export function isBehind(status: JobStatus, cancelStatus: CancelStatus): boolean {
  return BEFORE_CANCELLING.has(status) || (status === 'CANCELLING' && cancelStatus === 'CANCELLED');
}

/** By how much one reading tells of a later change than another, in milliseconds: 0 where one does not say. */
function laterByMs(a: Job, b: Job): number {
  return a.updatedAt === null || b.updatedAt === null ? 0 : changedAtMs(a) - changedAtMs(b);
}

/** Whether a client sees no difference between two readings of a job. */
export function isSameJob(a: Job, b: Job): boolean {
  return isEqualJson(a, b);
}

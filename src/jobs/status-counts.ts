import { JOB_STATUSES, type JobStatus } from '../upstream/job.ts';
import type { JobCounts } from '../upstream/job-counts.ts';
import { isTerminal } from './job-progress.ts';

/** How many jobs have one status. */
export interface StatusCount {
  readonly status: JobStatus;
  readonly count: number;
}

/** One for each status, in the order of the contract. */
export function toStatusCounts(counts: JobCounts): readonly StatusCount[] {
  return JOB_STATUSES.map((status) => ({ status, count: counts[status] }));
}

/** How many jobs there are of all statuses. */
export function totalOf(counts: JobCounts): number {
  return sum(toStatusCounts(counts));
}

/** How many jobs may still change by waiting: they have not ended, and are not on hold. */
export function activeOf(counts: JobCounts): number {
  return sum(toStatusCounts(counts).filter(({ status }) => !isTerminal(status) && status !== 'HOLD'));
}

/** The numbers of several keys together. */
export function addCounts(parts: readonly JobCounts[]): JobCounts {
  const entries = JOB_STATUSES.map((status) => [
    status,
    parts.reduce((total, counts) => total + counts[status], 0),
  ]);
  return Object.fromEntries(entries) as JobCounts;
}

function sum(counts: readonly StatusCount[]): number {
  return counts.reduce((total, { count }) => total + count, 0);
}

import type { JobStatus } from './job.ts';

/** How many jobs a key has of each status. Jobs of a status that the contract does not list count as `UNKNOWN`. */
export type JobCounts = Readonly<Record<JobStatus, number>>;

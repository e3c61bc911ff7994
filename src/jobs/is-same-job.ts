import { isDeepStrictEqual } from 'node:util';
import type { Job } from '../upstream/job.ts';

/** Whether a client sees no difference between two readings of a job. */
export function isSameJob(a: Job, b: Job): boolean {
  return isDeepStrictEqual(a, b);
}

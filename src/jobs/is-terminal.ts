import type { JobStatus } from '../upstream/job.ts';

const TERMINAL: ReadonlySet<JobStatus> = new Set(['COMPLETED', 'FAILED', 'CANCELLED']);

/** Whether a job with this status has ended for good. HOLD has not: its result may still be released. */
export function isTerminal(status: JobStatus): boolean {
  return TERMINAL.has(status);
}

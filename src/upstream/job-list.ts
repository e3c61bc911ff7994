import type { Job, JobStatus } from './job.ts';
import type { UpstreamError } from './upstream-error.ts';

/** The largest page that the qBraid API allows. */
export const MAX_PAGE_LIMIT = 100;

/**
 * Which jobs to list, in the words of the qBraid API. A part that is not given does not narrow the list. The values
 * `all` of upstream are left out: they would name the same list twice.
 */
export interface ListFilter {
  /** `aws`, `azure`, `ibm`, `ionq` or `qbraid`, or a vendor that is not documented yet. */
  readonly vendor?: string;
  readonly provider?: string;
  readonly statusGroup?: 'pending' | 'returned';
  /** Takes priority over `statusGroup`. */
  readonly status?: JobStatus;
  readonly search?: string;
  readonly tags?: Readonly<Record<string, string | number | boolean>>;
}

/** Which part of a list. Pages count from 1. `limit` is 1 to {@link MAX_PAGE_LIMIT}. */
export interface PageRequest {
  readonly page: number;
  readonly limit: number;
}

/** One page of a list, and the number of jobs in the whole list at that moment. */
export interface JobPage {
  readonly items: readonly ListedJob[];
  readonly total: number;
}

/** One row of a list: a job, or why the row cannot be read. */
export interface ListedJob {
  /** The QRN of the row, or its whole text where it has none. */
  readonly identity: string;
  /** Whether the row has a QRN. Two rows without one may look the same, and are two rows. */
  readonly isNamed: boolean;
  readonly job: Job | UpstreamError;
}

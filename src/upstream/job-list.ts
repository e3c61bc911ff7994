import type { Job } from './job.ts';
import type { JobStatus } from './job-status.ts';
import type { UpstreamError } from './upstream-error.ts';

/** The largest page that the service gives. */
export const MAX_PAGE_LIMIT = 100;

/** Which jobs to list, in the service's words. What is not given does not narrow the list. */
export interface ListFilter {
  readonly vendor?: string;
  readonly provider?: string;
  readonly statusGroup?: 'all' | 'pending' | 'returned';
  /** Takes priority over `statusGroup`. */
  readonly status?: JobStatus;
  readonly search?: string;
  readonly tags?: Readonly<Record<string, string | number | boolean>>;
}

/** Which part of a list: pages count from 1, `limit` is 1 to {@link MAX_PAGE_LIMIT}. */
export interface PageNumber {
  readonly page: number;
  readonly limit: number;
}

/** One page of a list, and how many jobs the whole list held at that moment. */
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

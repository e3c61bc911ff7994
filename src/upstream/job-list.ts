import type { Job, JobStatus } from './job.ts';
import type { UpstreamError } from './upstream-error.ts';

/** The largest page that the service gives. */
export const MAX_PAGE_LIMIT = 100;

/**
 * Which jobs to list, in the words of the qBraid API. A part that is not given does not narrow the list. The values
 * `all` of upstream are left out: they would name the same list twice.
 */
export interface ListFilter {
  readonly vendor?: 'aws' | 'azure' | 'ibm' | 'ionq' | 'qbraid';
  readonly provider?: string;
  readonly statusGroup?: 'pending' | 'returned';
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

/** One place in a list: a job, or why what stands there cannot be read. */
export interface ListedJob {
  /** Tells the place's job from every other: its QRN, or its whole text where it has none. */
  readonly identity: string;
  readonly job: Job | UpstreamError;
}

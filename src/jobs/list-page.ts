import type { Job } from '../upstream/job.ts';
import type { PageRequest } from '../upstream/job-list.ts';
import type { UpstreamError } from '../upstream/upstream-error.ts';
import type { Seq, Stamp } from './seq.ts';

/** A job, and when the gateway read it. */
export interface FetchedJob {
  readonly job: Job;
  readonly fetched: Stamp;
}

/** A job as one request sees it. */
export interface JobView extends FetchedJob {
  /** The labels of the keys that it was seen through. */
  readonly keys: readonly string[];
}

/** A job as it is seen through the key with this label. */
export function toJobView({ job, fetched }: FetchedJob, label: string): JobView {
  return { job, fetched, keys: [label] };
}

/** One page of one key's list, and how many jobs the whole list held at that moment. */
export interface ListPage {
  readonly items: readonly ListItem[];
  readonly total: number;
  /** When it was asked for: everything that happened before then shows on it. */
  readonly askedSeq: Seq;
  /** When it was read: it shows nothing that happened after then. */
  readonly readSeq: Seq;
  /** When the oldest part of it was read: the page itself, or a job on it of which an older answer knew more. */
  readonly fetched: Stamp;
  /** Whether any part of it is older than its ordinary freshness. */
  readonly isStale: boolean;
}

/** One row of a list: a job, or why the row cannot be read. */
export interface ListItem {
  /** The QRN of the row, or its whole text where it has none. */
  readonly identity: string;
  /** Whether the row has a QRN. Two rows without one may look the same, and are two rows. */
  readonly isNamed: boolean;
  readonly job: FetchedJob | UpstreamError;
}

/**
 * Reads one page of one key's list, with a filter that stays the same. The page was asked for after `since`: a list that
 * was seen as it is now is never seen as it was.
 */
export type ReadPage = (page: PageRequest, since: Seq) => Promise<ListPage>;

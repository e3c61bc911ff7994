import type { Job } from '../upstream/job.ts';
import type { PageNumber } from '../upstream/job-list.ts';
import type { UpstreamError } from '../upstream/upstream-error.ts';

/** A job, and when the gateway read it. */
export interface ReadJob {
  readonly job: Job;
  /** Milliseconds since the epoch. */
  readonly fetchedAtMs: number;
}

/** When something was read. */
export interface ReadingTime {
  /** Counts readings of this process: what was read later has a greater one. */
  readonly moment: number;
  /** Milliseconds since the epoch: for what has passed through a client, and maybe to another process. */
  readonly readAtMs: number;
}

/** One page of one key's list, and how many jobs the whole list held at that moment. */
export interface ListPage extends ReadingTime {
  readonly items: readonly ListItem[];
  readonly total: number;
}

/** What stands at one place of a list: a job, or why it cannot be read. */
export interface ListItem {
  /** Tells the place's job from every other: its QRN, or its whole text where it has none. */
  readonly identity: string;
  readonly job: ReadJob | UpstreamError;
}

/**
 * Reads one page of one key's list, with a filter that stays the same. What was read before `since` will not do:
 * a list that was seen as it is now must not be seen as it was.
 */
export type ReadPage = (page: PageNumber, since: ReadingTime) => Promise<ListPage>;

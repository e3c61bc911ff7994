import type { FetchedJob } from './list-page.ts';

/** A job as one request sees it. */
export interface JobView extends FetchedJob {
  /** The labels of the keys that it was seen through. */
  readonly keys: readonly string[];
}

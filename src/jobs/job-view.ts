import type { ReadJob } from './list-page.ts';

/** A job as one request sees it. */
export interface JobView extends ReadJob {
  /** The labels of the keys that it was seen through. */
  readonly keys: readonly string[];
}

import type { JobView } from '../jobs/list-page.ts';
import type { UpstreamError } from '../upstream/upstream-error.ts';

/** One page of the jobs of one or several keys. */
export interface JobConnectionView {
  readonly edges: readonly JobEdgeView[];
  readonly hasNextPage: boolean;
  readonly hasPreviousPage: boolean;
  /** The sum over the keys that answered. */
  readonly totalCount: number;
  /** One for each key, in the order of the request. */
  readonly sources: readonly JobSourceView[];
  /** Whether any part of it is older than its ordinary freshness. */
  readonly isStale: boolean;
  /** When the oldest part of it was read. Parts are what the keys that answered gave. */
  readonly fetchedAt: Date;
}

/** One row of a merged list: a job, or why it cannot be shown, and its place. */
export interface JobEdgeView {
  readonly node: JobView | UpstreamError;
  /** Computes the edge's cursor: many clients need the last one only. */
  readonly cursor: () => string;
}

/** What one key gave: the number of jobs in its list, or why there is none. */
export interface JobSourceView {
  readonly key: string;
  readonly result: number | UpstreamError;
}

import { isFailure } from '../jobs/failures.ts';
import { failuresOf } from '../jobs/failures-of.ts';
import { KeysFailedError } from '../jobs/keys-failed-error.ts';
import { earlier } from '../jobs/seq.ts';
import { addCounts, totalOf } from '../jobs/status-counts.ts';
import { type ViewKind, visibleSources } from '../live/view-poller.ts';
import type { JobSourceView } from '../paging/job-connection.ts';
import type { CountsReading } from '../store/job-store.ts';
import type { JobCounts } from '../upstream/job-counts.ts';
import type { UpstreamError } from '../upstream/upstream-error.ts';

/** How many jobs some keys have, by status. */
export interface JobCountsView {
  /** The sum over the keys that answered. */
  readonly counts: JobCounts;
  /** One for each key, in the order of the request. */
  readonly sources: readonly JobSourceView[];
  readonly isStale: boolean;
  /** When the oldest of the numbers were read. */
  readonly fetchedAt: Date;
}

/** How numbers of jobs are compared. A change tells nothing of how new a job is. */
export const countsKind: ViewKind<JobCountsView> = {
  visiblePartOf: ({ counts, sources }) => ({ counts, sources: visibleSources(sources) }),
  ageOfNewestMs: () => Number.POSITIVE_INFINITY,
};

/** What one key gave. */
export interface KeyCounts {
  readonly label: string;
  readonly result: CountsReading | UpstreamError;
}

/**
 * Adds up what some keys gave.
 *
 * @throws {KeysFailedError} where no key gave anything.
 */
export function mergeCounts(keys: readonly KeyCounts[]): JobCountsView {
  const readings = keys.flatMap(({ result }) => (isFailure(result) ? [] : [result]));
  const sources = keys.map(({ label, result }) => ({
    key: label,
    result: isFailure(result) ? result : totalOf(result.counts),
  }));
  if (readings.length === 0) throw new KeysFailedError(failuresOf(sources));
  return {
    counts: addCounts(readings.map(({ counts }) => counts)),
    sources,
    isStale: readings.some(({ isStale }) => isStale),
    fetchedAt: readings.map(({ read }) => read).reduce(earlier).date,
  };
}

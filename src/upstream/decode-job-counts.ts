import { MAX_INT, MISFIT, orNull, type Raw, toWholeNumber } from './decode-values.ts';
import { isJobStatus, JOB_STATUSES } from './job.ts';
import type { JobCounts } from './job-counts.ts';

/** Numbers of jobs, and the statuses among them that the contract does not list. */
export interface DecodedJobCounts {
  readonly counts: JobCounts;
  readonly unknownStatuses: readonly string[];
}

/**
 * Decodes a map from status to the number of jobs that have it. A status that is left out has none.
 *
 * @returns null if a value is no number of jobs.
 */
export function decodeJobCounts(raw: Raw): DecodedJobCounts | null {
  return orNull(() => {
    const counts = Object.fromEntries(JOB_STATUSES.map((status) => [status, 0])) as Record<
      (typeof JOB_STATUSES)[number],
      number
    >;
    const unknownStatuses: string[] = [];
    for (const [status, value] of Object.entries(raw)) {
      if (!isJobStatus(status)) unknownStatuses.push(status);
      counts[isJobStatus(status) ? status : 'UNKNOWN'] += toCount(value);
    }
    return { counts, unknownStatuses };
  });
}

function toCount(value: unknown): number {
  const count = toWholeNumber(value) ?? 0;
  if (count < 0 || count > MAX_INT) throw MISFIT;
  return count;
}

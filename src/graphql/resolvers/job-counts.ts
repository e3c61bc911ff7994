import { isTerminal } from '../../jobs/job-progress.ts';
import { JOB_STATUSES } from '../../upstream/job.ts';
import { totalOf } from '../merge-counts.ts';
import type { JobCountsResolvers } from '../schema.generated.ts';

const ACTIVE = JOB_STATUSES.filter((status) => !isTerminal(status) && status !== 'HOLD');

export const jobCountsResolvers: JobCountsResolvers = {
  total: ({ counts }) => totalOf(counts),
  active: ({ counts }) => ACTIVE.reduce((total, status) => total + counts[status], 0),
  byStatus: ({ counts }) => JOB_STATUSES.map((status) => ({ status, count: counts[status] })),
  sources: ({ sources }) => sources,
  isStale: ({ isStale }) => isStale,
  fetchedAt: ({ fetchedAt }) => fetchedAt,
};

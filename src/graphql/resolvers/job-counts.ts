import { activeOf, toStatusCounts, totalOf } from '../../jobs/status-counts.ts';
import type { JobCountsResolvers } from '../schema.generated.ts';

export const jobCountsResolvers: JobCountsResolvers = {
  total: ({ counts }) => totalOf(counts),
  active: ({ counts }) => activeOf(counts),
  byStatus: ({ counts }) => toStatusCounts(counts),
  sources: ({ sources }) => sources,
  isStale: ({ isStale }) => isStale,
  fetchedAt: ({ fetchedAt }) => fetchedAt,
};

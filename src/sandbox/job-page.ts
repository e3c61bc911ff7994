import type { components } from '../upstream/qbraid.generated.ts';
import { type JobQuery, matchesJobQuery } from './job-query.ts';
import type { JobState } from './job-state.ts';

/** One page of a list of jobs. */
interface JobPage {
  readonly jobs: readonly JobState[];
  readonly pagination: components['schemas']['Pagination'];
}

/** Cuts the page that a query asks for out of all jobs that match it, in their order. */
export function toJobPage(jobs: readonly JobState[], query: JobQuery): JobPage {
  const { page, limit } = query;
  const matching = jobs.filter((job) => matchesJobQuery(job, query));
  const total = matching.length;
  const totalPages = Math.ceil(total / limit);
  return {
    jobs: matching.slice((page - 1) * limit, page * limit),
    pagination: { page, limit, total, totalPages, hasNext: page < totalPages, hasPrev: page > 1 },
  };
}

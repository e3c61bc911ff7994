import { isFailure } from '../jobs/failures.ts';
import type { JobConnectionView } from '../paging/job-connection.ts';
import { jobAgeMs } from './poll-timer.ts';
import { type ViewKind, visibleSources } from './view-poller.ts';

/** How pages of jobs are compared. */
export const connectionKind: ViewKind<JobConnectionView> = {
  // A page that tells nothing new but its age is not sent.
  visiblePartOf({ edges, sources, isStale: _, fetchedAt: __, ...page }) {
    return {
      ...page,
      jobs: edges.map(({ node }) => (isFailure(node) ? node.message : { job: node.job, keys: node.keys })),
      sources: visibleSources(sources),
    };
  },
  ageOfNewestMs: ({ edges }) =>
    Math.min(...edges.map(({ node }) => (isFailure(node) ? Number.POSITIVE_INFINITY : jobAgeMs(node)))),
};

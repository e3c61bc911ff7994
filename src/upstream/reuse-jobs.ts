import { isEqualJson } from '../lib/is-equal-json.ts';
import type { Job } from './job.ts';
import type { JobPage, ListedJob } from './job-list.ts';

/** The former reading of a job, the same object, if nothing has changed. */
export function reuseJob(job: Job, former: Job): Job {
  return isEqualJson(job, former) ? former : job;
}

/** A page with the former readings of its jobs, the same objects, for those that have not changed. */
export function reuseJobs(page: JobPage, former: JobPage): JobPage {
  const known = new Map(former.items.map((item) => [item.identity, item]));
  const items = page.items.map((item): ListedJob => {
    const formerItem = known.get(item.identity);
    return formerItem !== undefined && isEqualJson(item, formerItem) ? formerItem : item;
  });
  return { items, total: page.total };
}

import type { Job } from './job.ts';
import type { JobPage, ListedJob } from './job-list.ts';

/** The former reading of a job, the same object, if nothing has changed. */
export function reuseJob(job: Job, former: Job): Job {
  return isEqual(job, former) ? former : job;
}

/** A page with the former readings of its jobs, the same objects, for those that have not changed. */
export function reuseJobs(page: JobPage, former: JobPage): JobPage {
  const known = new Map(former.items.map((item) => [item.identity, item]));
  const items = page.items.map((item): ListedJob => {
    const formerItem = known.get(item.identity);
    return formerItem !== undefined && isEqual(item, formerItem) ? formerItem : item;
  });
  return { items, total: page.total };
}

/** Whether two values are the same JSON, or the same times in it. `isDeepStrictEqual` takes several times as long. */
function isEqual(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (a instanceof Date || b instanceof Date) {
    return a instanceof Date && b instanceof Date && a.getTime() === b.getTime();
  }
  return Array.isArray(a) === Array.isArray(b) && hasEqualParts(a as Parts, b as Parts);
}

type Parts = Readonly<Record<string, unknown>>;

/** The same names in another order are taken for others: that is quick, and upstream does not reorder what stays. */
function hasEqualParts(a: Parts, b: Parts): boolean {
  const names = Object.keys(a);
  const others = Object.keys(b);
  return (
    names.length === others.length &&
    names.every((name, index) => name === others[index] && isEqual(a[name], b[name]))
  );
}

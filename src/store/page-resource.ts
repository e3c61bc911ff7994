import { isFailure } from '../jobs/failures.ts';
import { contains, spanOf } from '../jobs/span.ts';
import type { JobPage, ListFilter, PageRequest } from '../upstream/job-list.ts';
import type { QbraidClient } from '../upstream/qbraid-client.ts';
import { toSearchParams } from '../upstream/to-search-params.ts';
import type { Invalidations } from './cache/invalidations.ts';
import { type CachedPage, cutPage, type PageCache } from './cache/page-cache.ts';
import type { FreshnessLimits } from './freshness.ts';
import type { Resource } from './read-through.ts';

/** One page of a filtered list. */
export interface PageSubject {
  readonly filter: ListFilter;
  readonly page: PageRequest;
}

export interface PageResourceParts {
  readonly client: Pick<QbraidClient, 'listJobs'>;
  readonly pages: PageCache;
  readonly invalidations: Pick<Invalidations, 'ofLists'>;
  readonly freshness: FreshnessLimits;
}

/** List pages. A wider page holds a narrower one of the same list. */
export function pageResource({
  client,
  pages,
  invalidations,
  freshness,
}: PageResourceParts): Resource<PageSubject, JobPage, CachedPage> {
  return {
    name: 'page',
    nameOf: ({ filter, page }) => toSearchParams(filter, page),
    groupOf: ({ filter }) => toSearchParams(filter),
    spanOf: ({ page }) => spanOf(page),
    covers: (inFlight, wanted) => contains(spanOf(inFlight.page), spanOf(wanted.page)),
    narrow: (entry, { page }) => cutPage(entry, spanOf(page)),
    freshMs: ({ isOutdated }) => (isOutdated ? 0 : freshness.activeMs),
    isOutdated: ({ isOutdated }) => isOutdated,
    former: (partition, { filter, page }) =>
      pages.lastAnswer(partition, toSearchParams(filter), spanOf(page)),
    fetch: (key, { filter, page }, asker, former) => client.listJobs(key, filter, page, asker, former),
    changedSeq: (partition) => invalidations.ofLists(partition),
    find: (partition, { filter, page }, since) =>
      pages.find(partition, toSearchParams(filter), spanOf(page), since),
    lookup: (partition, { filter, page }, since) =>
      pages.lookup(partition, toSearchParams(filter), spanOf(page), since),
    keep(partition, { filter, page }, answer, when) {
      if (isFailure(answer)) throw answer;
      return pages.keep(partition, toSearchParams(filter), page, answer, when);
    },
  };
}

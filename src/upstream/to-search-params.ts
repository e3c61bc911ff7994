import type { ListFilter, PageRequest } from './job-list.ts';

/**
 * The query of `GET /jobs` for a page of a filtered list. Without a page, it is the name of the list in the cache.
 * Filters that differ in the order of their parts give the same text.
 */
export function toSearchParams(filter: ListFilter, page?: PageRequest): string {
  const params = new URLSearchParams();
  for (const [name, text] of Object.entries(toTexts(filter))) {
    if (text !== undefined) params.set(name, text);
  }
  if (page !== undefined) {
    params.set('page', String(page.page));
    params.set('limit', String(page.limit));
  }
  return params.toString();
}

/** Every part of a filter: one that is missing here would not be sent, and would share the cache of another list. */
function toTexts(filter: ListFilter): Readonly<Record<keyof ListFilter, string | undefined>> {
  const { vendor, provider, statusGroup, status, search, tags } = filter;
  return { vendor, provider, statusGroup, status, search, tags: tags && JSON.stringify(tags) };
}

import type { ListFilter, PageNumber } from './job-list.ts';

/**
 * The query of `GET /jobs` for a page of a filtered list; without a page, a name for the filter. Filters that differ in
 * the order of their parts give the same text.
 */
export function toSearchParams(filter: ListFilter, page?: PageNumber): string {
  const { tags, ...parts } = filter;
  const params = new URLSearchParams();
  for (const name of FILTER_PARTS) {
    const value = parts[name];
    if (value !== undefined) params.set(name, value);
  }
  if (tags !== undefined) params.set('tags', JSON.stringify(tags));
  if (page !== undefined) {
    params.set('page', String(page.page));
    params.set('limit', String(page.limit));
  }
  return params.toString();
}

const FILTER_PARTS = ['vendor', 'provider', 'statusGroup', 'status', 'search'] as const;

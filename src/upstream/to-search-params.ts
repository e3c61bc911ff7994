import type { ListFilter, PageRequest } from './job-list.ts';

/** The texts of filters: each is wanted several times in a read, and a filter never changes. */
const TEXTS = new WeakMap<ListFilter, string>();

/**
 * The query of `GET /jobs` for a page of a filtered list. Without a page, it is the name of the list in the cache.
 * Filters that differ in the order of their parts give the same text.
 */
export function toSearchParams(filter: ListFilter, page?: PageRequest): string {
  const text = textOf(filter);
  if (page === undefined) return text;
  return `${text}${text === '' ? '' : '&'}page=${page.page}&limit=${page.limit}`;
}

function textOf(filter: ListFilter): string {
  const known = TEXTS.get(filter);
  if (known !== undefined) return known;
  const params = new URLSearchParams();
  for (const [name, text] of Object.entries(toTexts(filter))) {
    if (text !== undefined) params.set(name, text);
  }
  const text = params.toString();
  TEXTS.set(filter, text);
  return text;
}

/** Every part of a filter: one that is missing here would not be sent, and would share the cache of another list. */
function toTexts(filter: ListFilter): Readonly<Record<keyof ListFilter, string | undefined>> {
  const { vendor, provider, statusGroup, status, search, tags } = filter;
  return { vendor, provider, statusGroup, status, search, tags: tags && JSON.stringify(tags) };
}

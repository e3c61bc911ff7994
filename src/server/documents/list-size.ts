import { MAX_OUTCOMES } from '../../graphql/resolvers/job-result.ts';
import { DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE } from '../../paging/page-window.ts';
import type { Arguments } from './read-arguments.ts';

/** How many items a page of a connection has at most. */
export function toPageSize({ first, last }: Arguments): number {
  const sizes = [first, last].filter((size) => typeof size === 'number');
  const asked = sizes.length === 0 ? DEFAULT_PAGE_SIZE : Math.max(...sizes);
  return Math.min(Math.max(0, asked), MAX_PAGE_SIZE);
}

/** How many items a list has at most that `first` bounds. */
export function toBound(first: unknown): number {
  return typeof first === 'number' ? Math.min(Math.max(0, first), MAX_OUTCOMES) : MAX_OUTCOMES;
}

/** How many items a list of ids has. One id that is sent without a list is a list of it. */
export function lengthOf(ids: unknown): number {
  return Array.isArray(ids) ? ids.length : 1;
}

import type { Arguments } from './read-arguments.ts';

const DEFAULT_PAGE_SIZE = 50;
/** Larger pages are refused. */
const MAX_PAGE_SIZE = 500;

/** How many items a page of a connection has at most. */
export function toPageSize({ first, last }: Arguments): number {
  const sizes = [first, last].filter((size) => typeof size === 'number');
  const asked = sizes.length === 0 ? DEFAULT_PAGE_SIZE : Math.max(...sizes);
  return Math.min(Math.max(0, asked), MAX_PAGE_SIZE);
}

/** Longer lists are refused. */
const MAX_LENGTH = 10_000;

/** How many items a list has at most that `first` bounds. */
export function toBound(first: unknown): number {
  return typeof first === 'number' ? Math.min(Math.max(0, first), MAX_LENGTH) : MAX_LENGTH;
}

/** How many items a list of ids has. One id that is sent without a list is a list of it. */
export function lengthOf(ids: unknown): number {
  return Array.isArray(ids) ? ids.length : 1;
}

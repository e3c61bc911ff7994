import type { PageRequest } from '../upstream/job-list.ts';

/** The places of a list from `start` on, up to but without `end`. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** The span of what has no parts. */
export const WHOLE: Span = { start: 0, end: 1 };

/** The part of a list that a page stands for. */
export function spanOf({ page, limit }: PageRequest): Span {
  return { start: (page - 1) * limit, end: page * limit };
}

/** Whether all places of one span are places of the other. */
export function contains(outer: Span, inner: Span): boolean {
  return outer.start <= inner.start && inner.end <= outer.end;
}

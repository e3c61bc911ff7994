import type { ListPage, ReadJob } from '../../jobs/list-page.ts';
import type { Span } from '../../paging/list/plan-pages.ts';
import type { UpstreamError } from '../../upstream/upstream-error.ts';

/** Something that was read, and when: `moment` counts readings, so that two of the same millisecond differ. */
export interface Remembered<T> {
  readonly value: T;
  readonly readAtMs: number;
  readonly moment: number;
}

/** What came of reading a job, and where it stood in the key's whole list, if it was seen there. */
export interface RememberedJob extends Remembered<ReadJob | UpstreamError> {
  readonly offset: number | null;
}

/** A page of one key's filtered list. */
export interface RememberedPage extends Remembered<ListPage> {
  readonly span: Span;
  /** The moment at which it was asked for: what was read since is not older than what the page holds. */
  readonly askedAt: number;
}

/** Whether all places of one span are places of the other. */
export function contains(outer: Span, inner: Span): boolean {
  return outer.start <= inner.start && inner.end <= outer.end;
}

/** Whether a page tells all about a span: behind the end of its list there is known to be nothing. */
export function tellsOf(page: RememberedPage, span: Span): boolean {
  const reachesEnd = page.span.end >= page.value.total && span.start <= page.span.end;
  return contains(page.span, span) || (page.span.start <= span.start && reachesEnd);
}

/** What a page tells of a span. */
export function cutPage(page: RememberedPage, span: Span): RememberedPage {
  const items = page.value.items.slice(span.start - page.span.start, span.end - page.span.start);
  return { ...page, value: { ...page.value, items }, span };
}

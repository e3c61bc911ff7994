import type { FetchedJob, ListPage } from '../../jobs/list-page.ts';
import type { Seq } from '../../jobs/seq.ts';
import { contains, type Span } from '../../jobs/span.ts';
import type { UpstreamError } from '../../upstream/upstream-error.ts';

/** Something that was read, and when: `moment` counts readings, so that two of the same millisecond differ. */
export interface Cached<T> {
  readonly value: T;
  readonly readAtMs: number;
  readonly moment: Seq;
}

/** What came of reading a job, and where it stood in the key's whole list, if it was seen there. */
export interface CachedJob extends Cached<FetchedJob | UpstreamError> {
  readonly offset: number | null;
}

/** A page of one key's filtered list. */
export interface CachedPage extends Cached<ListPage> {
  readonly span: Span;
  /** The moment at which it was asked for: what was read since is not older than what the page holds. */
  readonly askedAt: Seq;
}

/** Whether a page tells all about a span: behind the end of its list there is known to be nothing. */
export function tellsOf(page: CachedPage, span: Span): boolean {
  const reachesEnd = page.span.end >= page.value.total && span.start <= page.span.end;
  return contains(page.span, span) || (page.span.start <= span.start && reachesEnd);
}

/** What a page tells of a span. */
export function cutPage(page: CachedPage, span: Span): CachedPage {
  const items = page.value.items.slice(span.start - page.span.start, span.end - page.span.start);
  return { ...page, value: { ...page.value, items }, span };
}

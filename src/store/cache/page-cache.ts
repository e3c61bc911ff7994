import { isFailure } from '../../jobs/failures.ts';
import { newerJob } from '../../jobs/job-progress.ts';
import type { ListItem } from '../../jobs/list-page.ts';
import { NEVER, type Seq } from '../../jobs/seq.ts';
import { contains, type Span, spanOf } from '../../jobs/span.ts';
import type { Clock } from '../../lib/clock.ts';
import type { JobPage, PageRequest } from '../../upstream/job-list.ts';
import { isSameOutcome, type JobCache, type JobOutcome, jobBytes } from './job-cache.ts';
import type { NegativeCache } from './negative-cache.ts';
import type { Cached, CacheSection, PartitionedCache, When } from './partitioned-cache.ts';

/** A part of one key's filtered list. */
export interface CachedPage extends Cached<PageContent> {
  readonly span: Span;
  readonly bytes: number;
  /**
   * Whether another page of the list, which was read after this one was asked for, tells of other jobs in its places, or of another
   * length of the list, and may have been shown.
   */
  readonly isOutdated: boolean;
}

/** A page as it is kept. */
interface KeptPage extends CachedPage {
  /** The answer that it was made of: an answer with the same bytes is the same object. */
  readonly answer: JobPage;
  /** How far the partition had come then: as long as that stays, nothing newer is known of any job. */
  readonly reading: number;
}

interface PageContent {
  readonly items: readonly ListItem[];
  /** How many jobs the whole list held. */
  readonly total: number;
}

type PlacedPage = Pick<CachedPage, 'span' | 'value'>;

/** What a page cache is made of. */
export interface PageCacheParts {
  readonly cache: PartitionedCache;
  readonly jobs: JobCache;
  readonly negatives: NegativeCache;
  readonly clock: Clock;
  /** How long a page is kept, in milliseconds. */
  readonly lifetimeMs: number;
}

/** How many pages of one list are kept: the windows that a few clients look at. */
const MAX_PAGES = 8;

/** The list pages that were read. A list is named by its filter; the unfiltered list has an empty name. */
export class PageCache {
  readonly #parts: PageCacheParts;
  readonly #lists: CacheSection<readonly KeptPage[]>;

  constructor(parts: PageCacheParts) {
    this.#parts = parts;
    this.#lists = parts.cache.section((pages) => sum(pages));
  }

  /**
   * The newest page that tells all about a span of a list and was asked for after `since`, or is the very one that was read
   * then: as it was read, and not cut to that span.
   */
  find(partition: number, list: string, span: Span, since: Seq): KeptPage | null {
    const found = this.#pages(partition, list).find(
      (page) => (page.askedSeq > since || page.read.seq === since) && tellsOf(page, span),
    );
    return found ?? null;
  }

  /**
   * The same page, cut to the span, with what is known of its jobs by now. Null also where one of its jobs was refused since:
   * the key may no longer see it.
   */
  lookup(partition: number, list: string, span: Span, since: Seq = NEVER): CachedPage | null {
    const found = this.find(partition, list, span, since);
    if (found === null) return null;
    const page = cutPage(found, span);
    if (found.reading === this.#parts.cache.versions.of(partition).reading) return page;
    const items: ListItem[] = [];
    for (const item of page.value.items) {
      const known = this.#parts.jobs.lookup(partition, item.identity);
      if (isFailure(known?.value) && known.read.seq > page.askedSeq) return null;
      items.push(known === null ? item : renewed(item, known.value));
    }
    return toPart(page, items, span);
  }

  /** The last answer about this very span, if it is kept. */
  lastAnswer(partition: number, list: string, span: Span): JobPage | null {
    return this.#pages(partition, list).find((page) => isSameSpan(page.span, span))?.answer ?? null;
  }

  /** Keeps a page and every job on it, and gives it with what is known of its jobs. */
  keep(partition: number, list: string, request: PageRequest, answer: JobPage, when: When): CachedPage {
    const { negatives, cache } = this.#parts;
    const { items, total } = answer;
    const span = spanOf(request);
    const pages = this.#pages(partition, list);
    const evictedSeq = cache.versions.evictedSeqOf(partition);
    const kept: ListItem[] = [];
    let bytes = 0;
    for (const [index, { identity, isNamed, job }] of items.entries()) {
      negatives.delete(partition, list, identity);
      if (isFailure(job)) {
        kept.push({ identity, isNamed, job });
        bytes += jobBytes(job) + 2 * identity.length;
        continue;
      }
      // Only the unfiltered list tells where a job will be looked for again.
      const offset = list === '' ? span.start + index : null;
      const cached = this.#parts.jobs.keep(partition, identity, job, when, offset);
      kept.push({ identity, isNamed, job: cached.value });
      bytes += cached.bytes;
    }
    const value = { items: kept, total };
    const { askedSeq, read } = when;
    const nowEvictedSeq = cache.versions.evictedSeqOf(partition);
    // In a small store, the jobs of a page evict each other: they are no later reading.
    const isPastEvicted = askedSeq < (nowEvictedSeq === read.seq ? evictedSeq : nowEvictedSeq);
    // Of two that overtook each other, nobody can tell which is the newer one, and both may have been shown: both are outdated.
    const isOutdated =
      isPastEvicted ||
      pages.some((other) => other.read.seq > askedSeq && contradicts(other, { value, span }));
    const told = { value, askedSeq, read, span, bytes, isOutdated };
    if (pages.length > 0 && !confirms(told, pages)) cache.versions.changed(partition);
    const { reading } = cache.versions.of(partition);
    const page = { value, askedSeq, read, span, bytes, isOutdated, answer, reading };
    this.#lists.set(partition, list, withPage(outdatedBy(page, pages), page));
    return page;
  }

  /** The pages of a list, those to prefer first. The lifetime of each is its own. */
  #pages(partition: number, list: string): readonly KeptPage[] {
    const { cache, clock, lifetimeMs } = this.#parts;
    const sinceMs = clock.now() - lifetimeMs;
    const since = cache.invalidations.ofLists(partition);
    return (this.#lists.get(partition, list) ?? []).filter(
      ({ askedSeq, read }) => read.atMs >= sinceMs && askedSeq > since,
    );
  }
}

/** What a page tells of a narrower span. */
export function cutPage(page: CachedPage, span: Span): CachedPage {
  if (isSameSpan(page.span, span)) return page;
  const items = page.value.items.slice(span.start - page.span.start, span.end - page.span.start);
  return toPart(page, items, span);
}

/** The part of a page that tells of this span, with what is known of its jobs. */
function toPart(
  { value: { total }, askedSeq, read, bytes, isOutdated }: CachedPage,
  items: readonly ListItem[],
  span: Span,
): CachedPage {
  return { value: { items, total }, askedSeq, read, span, bytes, isOutdated };
}

/**
 * The pages of a list with a new one among them. It stands behind every page that was read after it was asked for and
 * that a reader of a part of it may have seen. The pages that it replaces are dropped. The others keep their order: else
 * a page that came late could get in front of one that overtook it.
 */
function withPage(pages: readonly KeptPage[], page: KeptPage): readonly KeptPage[] {
  const hiding = pages.findIndex((other) => replaces(other, page));
  const seen = hiding === -1 ? pages : pages.slice(0, hiding + 1);
  const index = seen.findLastIndex(({ read }) => read.seq > page.askedSeq) + 1;
  const behind = pages.slice(index).filter((other) => !replaces(page, other));
  return [...pages.slice(0, index), page, ...behind].slice(0, MAX_PAGES);
}

/** Whether a page tells what was known: the same as before, and nothing else than what was read of its places since. */
function confirms(page: CachedPage, pages: readonly CachedPage[]): boolean {
  const before = pages.find((other) => contains(other.span, page.span) && agrees(other, page));
  if (before === undefined) return false;
  return pages.every((other) => other.read.seq <= before.read.seq || agrees(other, page));
}

/** Whether two pages tell the same of the places that both tell of, and of the whole list. */
function agrees(a: CachedPage, b: CachedPage): boolean {
  const span = commonSpan(a, b);
  return isSamePage(cutPage(a, span), cutPage(b, span));
}

/**
 * Whether two pages tell of other jobs in the places that both tell of, or of another length of the list. A job in another state is
 * no contradiction: it is shown as it is known by now.
 */
function contradicts(a: PlacedPage, b: PlacedPage): boolean {
  if (a.value.total !== b.value.total) return true;
  const { start, end } = commonSpan(a, b);
  const [items, others] = [a, b].map(({ span, value }) =>
    value.items.slice(start - span.start, end - span.start),
  );
  return (
    items?.length !== others?.length || !items?.every(({ identity }, i) => identity === others?.[i]?.identity)
  );
}

/** The pages of a list, those of them outdated that a new page contradicts. It may come after one that was asked for once it was read. */
function outdatedBy(page: CachedPage, pages: readonly KeptPage[]): readonly KeptPage[] {
  return pages.map((other) =>
    other.askedSeq <= page.read.seq && contradicts(other, page) ? { ...other, isOutdated: true } : other,
  );
}

/** The places that both pages tell of: none where its ends are the same. */
function commonSpan({ span: a }: PlacedPage, { span: b }: PlacedPage): Span {
  const start = Math.max(a.start, b.start);
  return { start, end: Math.max(start, Math.min(a.end, b.end)) };
}

/** Whether two pages tell the same of the same places. */
function isSamePage(a: CachedPage, b: CachedPage): boolean {
  const [items, others] = [a.value.items, b.value.items];
  if (!isSameSpan(a.span, b.span) || a.value.total !== b.value.total || items.length !== others.length)
    return false;
  return items.every((item, index) => {
    const other = others[index];
    return other?.identity === item.identity && isSameOutcome(item.job, other.job);
  });
}

function isSameSpan(a: Span, b: Span): boolean {
  return a.start === b.start && a.end === b.end;
}

/** Whether a page tells all that another one tells. */
function replaces(page: CachedPage, other: CachedPage): boolean {
  return contains(page.span, other.span) && (reachesEnd(page) || !reachesEnd(other));
}

/** Whether nothing is known to stand behind a page. */
function reachesEnd({ span, value }: CachedPage): boolean {
  return span.end >= value.total;
}

/** Whether a page tells all about a span: behind the end of its list there is known to be nothing. */
function tellsOf(page: CachedPage, span: Span): boolean {
  const own = page.span;
  return contains(own, span) || (own.start <= span.start && span.start <= own.end && reachesEnd(page));
}

function renewed(item: ListItem, known: JobOutcome): ListItem {
  const { identity, isNamed, job } = item;
  if (isFailure(job) || isFailure(known)) return item;
  return { identity, isNamed, job: newerJob(job, known, false) };
}

function sum(parts: readonly { readonly bytes: number }[]): number {
  return parts.reduce((total, { bytes }) => total + bytes, 0);
}

import { LRUCache } from 'lru-cache';
import { newerJob } from '../../jobs/job-progress.ts';
import type { FetchedJob, ListItem } from '../../jobs/list-page.ts';
import { NEVER, nextSeq, type Seq, type Stamp } from '../../jobs/seq.ts';
import { contains, type Span, spanOf } from '../../jobs/span.ts';
import type { Clock } from '../../lib/clock.ts';
import type { Job } from '../../upstream/job.ts';
import type { JobPage, ListedJob, PageNumber } from '../../upstream/job-list.ts';
import { UpstreamError } from '../../upstream/upstream-error.ts';
import { type CacheSlot, type JobSlot, jobBytes, type PageInSlot, slotBytes } from './cache-slot.ts';
import { type CachedJob, type CachedPage, cutPage, tellsOf } from './cached.ts';

export interface CacheLimits {
  readonly maxEntries: number;
  readonly maxBytes: number;
  /** How long anything is kept after it was read, in milliseconds. */
  readonly lifetimeMs: number;
}

/** Pages of one list that are kept: the windows that a few clients look at. */
const MAX_PAGES = 8;

/**
 * What was read, by the space of the key that read it. A space is a number that stands for one key: it is never given
 * to another, and given up with all that is in it once the key is refused. Bounded by entries, bytes and lifetime.
 */
export class JobCache {
  readonly #slots: LRUCache<string, CacheSlot>;
  readonly #clock: Clock;
  readonly #lifetimeMs: number;
  #seq: Seq = NEVER;

  constructor({ maxEntries, maxBytes, lifetimeMs }: CacheLimits, clock: Clock) {
    this.#clock = clock;
    this.#lifetimeMs = lifetimeMs;
    this.#slots = new LRUCache({
      max: maxEntries,
      maxSize: maxBytes,
      sizeCalculation: slotBytes,
      ttl: lifetimeMs,
      perf: clock,
      ttlResolution: 0,
    });
  }

  /** The moment of the latest reading: whatever is read later has a greater one. */
  get seq(): Seq {
    return this.#seq;
  }

  /** How much is kept now: never more than the limits. */
  get size(): { readonly entries: number; readonly bytes: number } {
    return { entries: this.#slots.size, bytes: this.#slots.calculatedSize };
  }

  /** What came of reading a job last. */
  job(space: number, qrn: string): JobSlot | null {
    const slot = this.#slots.get(jobId(space, qrn));
    return slot?.kind === 'job' ? slot : null;
  }

  /** Keeps what came of reading one job, and gives what stands now: an earlier reading may know better. */
  keepJob(space: number, qrn: string, outcome: Job | UpstreamError): FetchedJob | UpstreamError {
    const stamp = this.#stamp();
    const incoming = outcome instanceof UpstreamError ? outcome : { job: outcome, fetched: stamp };
    return this.#put(space, qrn, incoming, { offset: null, askedAt: stamp.seq, stamp }).value;
  }

  /**
   * What the latest page that tells all about a span of a list tells of it, with what is known of its jobs by now.
   * Null where one of these was refused since: the key may no longer see it.
   */
  page(space: number, list: string, span: Span): CachedPage | null {
    const found = this.#pages(space, list).find((page) => tellsOf(page, span));
    if (found === undefined) return null;
    const page = cutPage(found, span);
    const items: ListItem[] = [];
    for (const item of page.value.items) {
      const known = this.job(space, item.identity);
      if (known?.value instanceof UpstreamError && known.moment > page.askedAt) return null;
      items.push(renewed(item, known));
    }
    return { ...page, value: { ...page.value, items } };
  }

  /**
   * Keeps a page and every job on it, and gives it as it stands with what is known of its jobs.
   *
   * @param askedAt the moment at which the page was asked for.
   */
  keepPage(
    space: number,
    list: string,
    number: PageNumber,
    { items, total }: JobPage,
    askedAt: Seq,
  ): CachedPage {
    const stamp = this.#stamp();
    const span = spanOf(number);
    const kept = items.map((item, index) => {
      this.#slots.delete(missingId(space, list, item.identity));
      // Only the whole list tells where a job will be looked for again.
      const offset = list === '' ? span.start + index : null;
      return this.#putListed(space, item, { offset, askedAt, stamp });
    });
    const time = { readAtMs: stamp.atMs, moment: stamp.seq };
    const value = { items: kept.map(({ item }) => item), total, askedSeq: askedAt, readSeq: stamp.seq };
    const bytes = sum(kept);
    const page = { value, span, askedAt, bytes, ...time };
    const others = this.#pages(space, list).filter((other) => !contains(span, other.span));
    const pages = [page, ...others].slice(0, MAX_PAGES);
    this.#slots.set(listId(space, list), { kind: 'list', pages, bytes: sum(pages) });
    return page;
  }

  /** Whether a job was lately looked for in a list in vain; for a null, whether a search of that list was in vain. */
  isMissing(space: number, list: string, qrn: string | null): boolean {
    return this.#slots.has(missingId(space, list, qrn));
  }

  /** Keeps in mind for a while that a job, or for a null anything at all, was looked for in a list in vain. */
  keepNegative(space: number, list: string, qrn: string | null, lifetimeMs: number): void {
    this.#slots.set(missingId(space, list, qrn), { kind: 'missing', bytes: 0 }, { ttl: lifetimeMs });
  }

  /** The pages of a list that are kept: the life of each is its own. */
  #pages(space: number, list: string): readonly PageInSlot[] {
    const slot = this.#slots.get(listId(space, list));
    const sinceMs = this.#clock.now() - this.#lifetimeMs;
    return slot?.kind === 'list' ? slot.pages.filter(({ readAtMs }) => readAtMs >= sinceMs) : [];
  }

  #putListed(space: number, { job, ...row }: ListedJob, how: Keeping) {
    if (job instanceof UpstreamError) {
      return { item: { ...row, job }, bytes: jobBytes(job) + 2 * row.identity.length };
    }
    const { value, bytes } = this.#put(space, row.identity, { job, fetched: how.stamp }, how);
    return { item: { ...row, job: value }, bytes };
  }

  #put(
    space: number,
    qrn: string,
    incoming: FetchedJob | UpstreamError,
    { offset, askedAt, stamp }: Keeping,
  ): JobSlot {
    const known = this.job(space, qrn);
    const stands = known !== null && isStanding(known, incoming, askedAt);
    const reading = stands
      ? known
      : { value: incoming, bytes: jobBytes(incoming), readAtMs: stamp.atMs, moment: stamp.seq };
    const slot: JobSlot = { ...reading, kind: 'job', offset: offset ?? known?.offset ?? null };
    // What stands was read when it was read: its life does not begin anew.
    this.#slots.set(jobId(space, qrn), slot, { noUpdateTTL: stands });
    return slot;
  }

  #stamp(): Stamp {
    const atMs = this.#clock.now();
    this.#seq = nextSeq(this.#seq, atMs);
    return { seq: this.#seq, atMs, date: this.#clock.date() };
  }
}

/** How something is kept. */
interface Keeping {
  readonly offset: number | null;
  readonly askedAt: Seq;
  readonly stamp: Stamp;
}

function jobId(space: number, qrn: string): string {
  return `${space} job ${qrn}`;
}

function listId(space: number, list: string): string {
  return `${space} list ${list}`;
}

function missingId(space: number, list: string, qrn: string | null): string {
  return `${space} missing ${list} ${qrn ?? ''}`;
}

/** Whether what is known of a job outlives an answer that was asked for at a moment. */
function isStanding(known: CachedJob, incoming: FetchedJob | UpstreamError, askedAt: Seq): boolean {
  const isOvertaken = known.moment > askedAt;
  if (known.value instanceof UpstreamError || incoming instanceof UpstreamError) return isOvertaken;
  return newerJob(known.value, incoming, isOvertaken) === known.value;
}

function renewed(item: ListItem, known: CachedJob | null): ListItem {
  const isJob = !(item.job instanceof UpstreamError);
  if (!isJob || known === null || known.value instanceof UpstreamError) return item;
  return { ...item, job: newerJob(item.job, known.value, false) };
}

function sum(parts: readonly { readonly bytes: number }[]): number {
  return parts.reduce((total, { bytes }) => total + bytes, 0);
}

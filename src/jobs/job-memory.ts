import { LRUCache } from 'lru-cache';
import type { Clock } from '../lib/clock.ts';
import type { PageNumber } from '../upstream/job-list.ts';
import { UpstreamError } from '../upstream/upstream-error.ts';
import type { ListItem, ListPage, ReadJob } from './list-page.ts';
import { newerJob } from './newer-job.ts';
import { type Span, spanOf } from './plan-pages.ts';

export interface MemoryLimits {
  readonly maxEntries: number;
  readonly maxBytes: number;
  /** How long anything is kept at all, in milliseconds. */
  readonly lifetimeMs: number;
}

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
}

type Slot =
  | { readonly kind: 'job'; readonly job: RememberedJob }
  | { readonly kind: 'list'; readonly pages: readonly RememberedPage[] }
  | { readonly kind: 'missing' };

/** Pages of one list that are kept: the windows that a few clients look at. */
const MAX_PAGES = 8;
const SLOT_BYTES = 200;
const JOB_BYTES = 800;

/**
 * What was read, by the space of the key that read it. A space is a number that stands for one key: it is never given
 * to another, and given up with all that is in it once the key is refused. Bounded by entries, bytes and lifetime.
 */
export class JobMemory {
  readonly #slots: LRUCache<string, Slot>;
  readonly #clock: Clock;
  #moment = 0;

  constructor({ maxEntries, maxBytes, lifetimeMs }: MemoryLimits, clock: Clock) {
    this.#clock = clock;
    this.#slots = new LRUCache({
      max: maxEntries,
      maxSize: maxBytes,
      sizeCalculation: sizeOf,
      ttl: lifetimeMs,
      perf: clock,
      ttlResolution: 0,
    });
  }

  /** The moment of the latest reading: whatever is read later has a greater one. */
  get moment(): number {
    return this.#moment;
  }

  job(space: number, qrn: string): RememberedJob | null {
    const slot = this.#slots.get(jobId(space, qrn));
    return slot?.kind === 'job' ? slot.job : null;
  }

  /** Keeps what came of reading one job, and gives what now stands: an older reading may know better. */
  keepJob(space: number, qrn: string, outcome: ReadJob | UpstreamError): ReadJob | UpstreamError {
    this.#moment += 1;
    return this.#put(space, qrn, outcome, null);
  }

  /** The newest page of a list that holds all of a span. */
  page(space: number, list: string, span: Span): RememberedPage | null {
    const slot = this.#slots.get(listId(space, list));
    const found = slot?.kind === 'list' ? slot.pages.find((page) => holds(page, span)) : undefined;
    return found === undefined ? null : { ...found, value: this.#renewed(space, found, span), span };
  }

  /** Keeps a page and every job on it, and gives it as it stands with what is known of its jobs. */
  keepPage(space: number, list: string, number: PageNumber, page: ListPage): ListPage {
    this.#moment += 1;
    const span = spanOf(number);
    const items = page.items.map((item, index) => {
      if (item.job instanceof UpstreamError) return item;
      // Only the whole list tells where a job will be looked for again.
      const offset = list === '' ? span.start + index : null;
      if (offset !== null) this.#slots.delete(missingId(space, list, item.identity));
      return { ...item, job: this.#put(space, item.identity, item.job, offset) };
    });
    const value = { ...page, items };
    const slot = this.#slots.get(listId(space, list));
    const others = slot?.kind === 'list' ? slot.pages.filter((other) => !isSame(other.span, span)) : [];
    const kept = { value, span, readAtMs: this.#clock.now(), moment: this.#moment };
    this.#slots.set(listId(space, list), { kind: 'list', pages: [kept, ...others].slice(0, MAX_PAGES) });
    return value;
  }

  /** Whether a job was lately looked for in a list in vain. */
  isMissing(space: number, list: string, qrn: string): boolean {
    return this.#slots.has(missingId(space, list, qrn));
  }

  keepMissing(space: number, list: string, qrn: string, lifetimeMs: number): void {
    this.#slots.set(missingId(space, list, qrn), { kind: 'missing' }, { ttl: lifetimeMs });
  }

  /** The part of a page that a span asks for, with what is known of its jobs by now. */
  #renewed(space: number, page: RememberedPage, span: Span): ListPage {
    const { total, items } = page.value;
    const part = items.slice(span.start - page.span.start, span.end - page.span.start);
    return { total, items: part.map((item) => this.#renewedItem(space, item)) };
  }

  #renewedItem(space: number, item: ListItem): ListItem {
    const known = this.job(space, item.identity)?.value;
    if (item.job instanceof UpstreamError || known === undefined || known instanceof UpstreamError)
      return item;
    return { ...item, job: newerJob(item.job, known) };
  }

  #put<T extends ReadJob | UpstreamError>(space: number, qrn: string, outcome: T, offset: number | null) {
    const known = this.job(space, qrn);
    const lags =
      known !== null &&
      !(outcome instanceof UpstreamError) &&
      !(known.value instanceof UpstreamError) &&
      newerJob(known.value, outcome) === known.value;
    const stands = lags ? known : { value: outcome, readAtMs: this.#clock.now(), moment: this.#moment };
    const job = { ...stands, offset: offset ?? known?.offset ?? null };
    this.#slots.set(jobId(space, qrn), { kind: 'job', job });
    return job.value as T;
  }
}

function jobId(space: number, qrn: string): string {
  return `${space} job ${qrn}`;
}

function listId(space: number, list: string): string {
  return `${space} list ${list}`;
}

function missingId(space: number, list: string, qrn: string): string {
  return `${space} missing ${list} ${qrn}`;
}

/** Whether a page tells all about a span: what lies behind the end of its list is known to be nothing. */
function holds({ span, value }: RememberedPage, { start, end }: Span): boolean {
  const isEnd = value.items.length < span.end - span.start || span.end >= value.total;
  return span.start <= start && (end <= span.end || (isEnd && start <= span.end));
}

function isSame(a: Span, b: Span): boolean {
  return a.start === b.start && a.end === b.end;
}

function sizeOf(slot: Slot): number {
  if (slot.kind === 'missing') return SLOT_BYTES;
  if (slot.kind === 'job') return SLOT_BYTES + bytesOf(slot.job.value);
  const items = slot.pages.flatMap(({ value }) => value.items);
  return items.reduce((bytes, { job }) => bytes + bytesOf(job), SLOT_BYTES);
}

/** What a job takes, roughly: its many small fields, and those that may be large. */
function bytesOf(outcome: ReadJob | UpstreamError): number {
  if (outcome instanceof UpstreamError) return JOB_BYTES;
  const { tags, runtimeOptions, metadata, name, statusMsg } = outcome.job;
  return JOB_BYTES + 2 * JSON.stringify([tags, runtimeOptions, metadata, name, statusMsg]).length;
}

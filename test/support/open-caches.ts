import type { Seq } from '../../src/jobs/seq.ts';
import { LogicalClock } from '../../src/store/admission/logical-clock.ts';
import type { Invalidations } from '../../src/store/cache/invalidations.ts';
import { JobCache } from '../../src/store/cache/job-cache.ts';
import { NegativeCache } from '../../src/store/cache/negative-cache.ts';
import { type CachedPage, PageCache } from '../../src/store/cache/page-cache.ts';
import { type CacheLimits, PartitionedCache, type When } from '../../src/store/cache/partitioned-cache.ts';
import { decodeJob } from '../../src/upstream/decode-job.ts';
import type { Job } from '../../src/upstream/job.ts';
import { UpstreamError } from '../../src/upstream/upstream-error.ts';
import { createFakeClock, type FakeClock } from './fake-clock.ts';
import { aJob } from './job-builder.ts';

/** The partition of the key that reads, and the name of the unfiltered list. */
export const PARTITION = 1;
export const ALL = '';

/** What says that there is no such job. */
export const notFound = new UpstreamError('not-found', '404');

/** The caches of a store, and the clock by which entries grow old. */
export interface Caches {
  readonly clock: FakeClock;
  readonly cache: PartitionedCache;
  readonly jobs: JobCache;
  readonly negatives: NegativeCache;
  readonly pages: PageCache;
  readonly invalidations: Invalidations;
  /** Notes that a request is sent now. */
  ask(): Seq;
  /** When an answer that comes now was asked for and came. It was asked for just before unless said otherwise. */
  now(askedSeq?: Seq): When;
  /** Keeps what came of reading a job just now. */
  keepJob(qrn: string, answer: Job | UpstreamError): void;
  /** Keeps a page with these jobs, that was asked for just before unless said otherwise. */
  keepPage(jobs: readonly Job[], page?: Partial<PageOptions>): CachedPage;
}

interface PageOptions {
  readonly list: string;
  readonly page: number;
  readonly limit: number;
  readonly total: number;
  readonly askedSeq: Seq;
}

/** Opens the caches of a store, with nothing in them. */
export function openCaches(limits: Partial<CacheLimits> = {}): Caches {
  const clock = createFakeClock();
  const logicalClock = new LogicalClock(clock);
  const all = { maxEntries: 1000, maxBytes: 10_000_000, lifetimeMs: 900_000, ...limits };
  const cache = new PartitionedCache(all, clock);
  const jobs = new JobCache(cache);
  const negatives = new NegativeCache(cache);
  const pages = new PageCache({ cache, jobs, negatives, clock, lifetimeMs: all.lifetimeMs });
  const { invalidations } = cache;
  const ask = () => logicalClock.stamp().seq;
  const now = (askedSeq = ask()) => ({ askedSeq, read: logicalClock.stamp() });
  return {
    clock,
    cache,
    jobs,
    negatives,
    pages,
    invalidations,
    ask,
    now,
    keepJob(qrn, answer) {
      jobs.keep(PARTITION, qrn, answer, now());
    },
    keepPage(each, { list = ALL, page = 1, limit = 10, total = 100, askedSeq = ask() } = {}) {
      const items = each.map((job) => ({ identity: job.qrn, isNamed: true, job }));
      return pages.keep(PARTITION, list, { page, limit }, { items, total }, now(askedSeq));
    },
  };
}

/** A decoded job. */
export function theJob(qrn: string, fields: Readonly<Record<string, unknown>> = {}): Job {
  const decoded = decodeJob(aJob(qrn, fields));
  if (decoded === null) throw new Error('The fields make no job.');
  return decoded.job;
}

/** What a page shows: each job by its name and status. */
export function printPage(page: CachedPage | null): string[] | null {
  if (page === null) return null;
  return page.value.items.map(({ identity, job }) =>
    job instanceof UpstreamError ? `${identity} ${job.kind}` : `${identity} ${job.job.status}`,
  );
}

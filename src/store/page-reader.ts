import { isHeld } from '../jobs/failures.ts';
import type { ListPage } from '../jobs/list-page.ts';
import type { Seq } from '../jobs/seq.ts';
import { contains, type Span, spanOf } from '../jobs/span.ts';
import type { ListFilter, PageNumber } from '../upstream/job-list.ts';
import { toSearchParams } from '../upstream/to-search-params.ts';
import { UpstreamError } from '../upstream/upstream-error.ts';
import { type CachedPage, cutPage } from './cache/cached.ts';
import { type Age, ageOf, freshnessOf } from './freshness.ts';
import { createInFlight } from './in-flight.ts';
import type { Reader } from './reader.ts';
import type { StoreParts } from './store-parts.ts';

/** One page of a filtered list. */
export interface PageRequest {
  readonly filter: ListFilter;
  readonly page: PageNumber;
  /** Nothing will do that was read before. @default the beginning */
  readonly since?: Seq;
}

/** Reads list pages for the job store. */
export interface PageReader {
  /**
   * A page of the reader's list: from memory where that serves, else with whoever is reading it or a wider one, else
   * from the service; and from memory whatever its age where the service may not be asked now.
   *
   * @throws {UpstreamError} where the page cannot be read.
   * @throws {GatewayError} `too-expensive` where the operation has no more requests.
   */
  read(reader: Reader, request: PageRequest): Promise<ListPage>;

  /** The same, but nothing that is older than its ordinary freshness. */
  readFresh(reader: Reader, request: PageRequest): Promise<CachedPage>;
}

/** Makes the page reader of a store. */
export function createPageReader(parts: StoreParts): PageReader {
  const { client, clock, memory, admission, freshness } = parts;
  const inFlight = createInFlight<Span, CachedPage>(contains);

  /** What the memory has of a page, if it is of an age that serves. */
  function lookup(reader: Reader, { filter, page, since }: PageRequest, serves: (age: Age) => boolean) {
    const known = memory.page(reader.account.space, toSearchParams(filter), spanOf(page));
    if (known === null || isOlder(known, since)) return null;
    const age = ageOf(known, freshness.activeMs, reader, clock.now());
    if (!serves(age)) return null;
    if (age !== 'fresh') reader.scope.markStale();
    return known;
  }

  async function ask(reader: Reader, { filter, page }: PageRequest): Promise<CachedPage> {
    const { key, account, scope } = reader;
    const { space } = account;
    const list = toSearchParams(filter);
    const span = spanOf(page);
    const landed = await inFlight.share(`${space} ${list}`, span, scope.signal, (signal) => {
      const askedAt = memory.seq;
      return admission
        .pass(reader, () => client.listJobs(key, filter, page, signal))
        .then((answer) => memory.keepPage(space, list, page, answer, askedAt));
    });
    return cutPage(landed, span);
  }

  async function readUsable(reader: Reader, request: PageRequest): Promise<CachedPage> {
    try {
      return lookup(reader, request, (age) => age !== 'old') ?? (await ask(reader, request));
    } catch (error) {
      const stale = isHeld(error) ? lookup(reader, request, () => true) : null;
      if (stale === null) throw error;
      return stale;
    }
  }

  /** Whether a page shows a job as an older reading had it, which knew better and is itself no longer fresh. */
  function isOutdated({ value, readAtMs }: CachedPage): boolean {
    const nowMs = clock.now();
    return value.items.some(
      ({ job }) =>
        !(job instanceof UpstreamError) &&
        job.fetched.atMs < readAtMs &&
        nowMs - job.fetched.atMs >= freshnessOf(job, freshness),
    );
  }

  return {
    async readFresh(reader, request) {
      return lookup(reader, request, (age) => age === 'fresh') ?? ask(reader, request);
    },

    async read(reader, request) {
      const page = await readUsable(reader, request);
      if (isOutdated(page)) reader.scope.markStale();
      return page.value;
    },
  };
}

function isOlder({ moment }: CachedPage, than: Seq | undefined): boolean {
  return than !== undefined && moment < than;
}

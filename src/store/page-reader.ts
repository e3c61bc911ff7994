import { isHeld } from '../jobs/is-held.ts';
import type { ListPage, ReadingTime } from '../jobs/list-page.ts';
import { type Span, spanOf } from '../paging/list/plan-pages.ts';
import type { ListFilter, PageNumber } from '../upstream/job-list.ts';
import { toSearchParams } from '../upstream/to-search-params.ts';
import { UpstreamError } from '../upstream/upstream-error.ts';
import { contains, cutPage, type RememberedPage } from './cache/remembered.ts';
import { createFlights } from './flights.ts';
import { type Age, ageOf, freshnessOf } from './freshness.ts';
import type { Reader } from './reader.ts';
import type { StoreParts } from './store-parts.ts';

/** One page of a filtered list. */
export interface PageRequest {
  readonly filter: ListFilter;
  readonly page: PageNumber;
  /** Nothing will do that was read before. @default the beginning */
  readonly since?: ReadingTime;
}

/** Reads list pages for the job store. */
export interface PageReader {
  /**
   * A page of the reader's list: from memory where that serves, else with whoever is reading it or a wider one, else
   * from the service; and from memory whatever its age where the service may not be asked now.
   *
   * @throws {UpstreamError} where the page cannot be read.
   * @throws {TooExpensiveError} where the operation has no more requests.
   */
  read(reader: Reader, request: PageRequest): Promise<ListPage>;

  /** The same, but nothing that is older than its ordinary freshness. */
  readFresh(reader: Reader, request: PageRequest): Promise<RememberedPage>;
}

/** Makes the page reader of a store. */
export function createPageReader(parts: StoreParts): PageReader {
  const { client, clock, memory, gatekeeper, freshness } = parts;
  const flights = createFlights<Span, RememberedPage>(contains);

  /** What the memory has of a page, if it is of an age that serves. */
  function recall(reader: Reader, { filter, page, since }: PageRequest, serves: (age: Age) => boolean) {
    const known = memory.page(reader.account.space, toSearchParams(filter), spanOf(page));
    if (known === null || isOlder(known, since)) return null;
    const age = ageOf(known, freshness.activeMs, reader, clock.now());
    if (!serves(age)) return null;
    if (age !== 'fresh') reader.scope.markStale();
    return known;
  }

  async function ask(reader: Reader, { filter, page }: PageRequest): Promise<RememberedPage> {
    const { key, account, scope } = reader;
    const { space } = account;
    const list = toSearchParams(filter);
    const span = spanOf(page);
    const landed = await flights.share(`${space} ${list}`, span, scope.signal, (signal) => {
      const askedAt = memory.moment;
      return gatekeeper
        .pass(reader, () => client.listJobs(key, filter, page, signal))
        .then((answer) => memory.keepPage(space, list, page, answer, askedAt));
    });
    return cutPage(landed, span);
  }

  async function readUsable(reader: Reader, request: PageRequest): Promise<RememberedPage> {
    try {
      return recall(reader, request, (age) => age !== 'old') ?? (await ask(reader, request));
    } catch (error) {
      const stale = isHeld(error) ? recall(reader, request, () => true) : null;
      if (stale === null) throw error;
      return stale;
    }
  }

  /** Whether a page shows a job as an older reading had it, which knew better and is itself no longer fresh. */
  function isOutdated({ value, readAtMs }: RememberedPage): boolean {
    const nowMs = clock.now();
    return value.items.some(
      ({ job }) =>
        !(job instanceof UpstreamError) &&
        job.fetchedAtMs < readAtMs &&
        nowMs - job.fetchedAtMs >= freshnessOf(job, freshness),
    );
  }

  return {
    async readFresh(reader, request) {
      return recall(reader, request, (age) => age === 'fresh') ?? ask(reader, request);
    },

    async read(reader, request) {
      const page = await readUsable(reader, request);
      if (isOutdated(page)) reader.scope.markStale();
      return page.value;
    },
  };
}

function isOlder({ moment, readAtMs }: ReadingTime, than: ReadingTime | undefined): boolean {
  return than !== undefined && (moment < than.moment || readAtMs < than.readAtMs);
}

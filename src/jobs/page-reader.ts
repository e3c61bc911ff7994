import type { ListFilter, PageNumber } from '../upstream/job-list.ts';
import { toSearchParams } from '../upstream/to-search-params.ts';
import { UpstreamError } from '../upstream/upstream-error.ts';
import { isFresh } from './freshness.ts';
import type { ListPage } from './list-page.ts';
import { type Span, spanOf } from './plan-pages.ts';
import type { Reader, StoreParts } from './store-parts.ts';

/** One page of a filtered list. */
export interface PageRequest {
  readonly filter: ListFilter;
  readonly page: PageNumber;
}

/** Reads list pages for the job store. */
export interface PageReader {
  /**
   * A page of the reader's list: from memory where it is fresh, else from a wider page that is under way, else from
   * the service; and from memory whatever its age where the service may not be asked now.
   *
   * @throws {UpstreamError} where the page cannot be read.
   */
  read(reader: Reader, request: PageRequest): Promise<ListPage>;
}

/** Makes the page reader of a store. */
export function createPageReader(parts: StoreParts): PageReader {
  const { client, clock, memory, flights, gatekeeper, freshness } = parts;
  /** The pages under way, by the space and name of their list. */
  const underWay = new Map<string, Set<PageNumber>>();

  function remembered({ account, scope }: Reader, list: string, span: Span): ListPage | null {
    const page = memory.page(account.space, list, span);
    const nowMs = clock.now();
    return page !== null && isFresh(page, freshness.activeMs, { scope, account, nowMs }) ? page.value : null;
  }

  function ask(
    { key, account, scope }: Reader,
    list: string,
    { filter, page }: PageRequest,
  ): Promise<ListPage> {
    const { space } = account;
    const name = `${space} ${list}`;
    return flights.share(`${name} ${page.page} ${page.limit}`, scope.signal, (signal) => {
      const answer = gatekeeper.pass(account, scope, () => client.listJobs(key, filter, page, signal));
      const pages = underWay.get(name) ?? new Set();
      underWay.set(name, pages.add(page));
      return keep(answer).finally(() => {
        pages.delete(page);
        if (pages.size === 0) underWay.delete(name);
      });
    });

    async function keep(answer: ReturnType<typeof client.listJobs>): Promise<ListPage> {
      const { items, total } = await answer;
      const fetchedAtMs = clock.now();
      return memory.keepPage(space, list, page, {
        total,
        items: items.map(({ identity, job }) => ({
          identity,
          job: job instanceof UpstreamError ? job : { job, fetchedAtMs },
        })),
      });
    }
  }

  async function read(reader: Reader, request: PageRequest): Promise<ListPage> {
    const { account, scope } = reader;
    const list = toSearchParams(request.filter);
    const span = spanOf(request.page);
    const known = remembered(reader, list, span);
    if (known !== null) return known;
    const wider = [...(underWay.get(`${account.space} ${list}`) ?? [])].find((page) =>
      contains(spanOf(page), span),
    );
    try {
      const page = await ask(reader, list, { ...request, page: wider ?? request.page });
      return wider === undefined ? page : cut(page, spanOf(wider), span);
    } catch (error) {
      const isHeld = error instanceof UpstreamError && error.kind === 'rate-limited';
      const stale = isHeld ? memory.page(account.space, list, span) : null;
      if (stale === null) throw error;
      scope.markStale();
      return stale.value;
    }
  }

  return { read };
}

function contains(outer: Span, inner: Span): boolean {
  return outer.start <= inner.start && inner.end <= outer.end;
}

function cut({ items, total }: ListPage, from: Span, span: Span): ListPage {
  return { total, items: items.slice(span.start - from.start, span.end - from.start) };
}

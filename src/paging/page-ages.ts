import type { Credential } from '../auth/api-key.ts';
import type { ListPage, ReadPage } from '../jobs/list-page.ts';
import { earlier } from '../jobs/seq.ts';

/** How old what was read is. */
export type PageAge = Pick<ListPage, 'fetched' | 'isStale'>;

/** How old the pages are that a connection is made of, key by key: each page that was read counts. */
export class PageAges {
  readonly #ages = new Map<Credential, PageAge>();

  /** Reads as `readPage` does with this key, and notes the age of each page. */
  noting(credential: Credential, readPage: ReadPage): ReadPage {
    return async (request, since) => {
      const page = await readPage(request, since);
      const before = this.#ages.get(credential);
      this.#ages.set(credential, before === undefined ? page : oldest(before, page));
      return page;
    };
  }

  /** The age of all that was read with these keys, which must have read something. */
  of(credentials: readonly Credential[]): PageAge {
    return credentials.flatMap((credential) => this.#ages.get(credential) ?? []).reduce(oldest);
  }
}

function oldest(a: PageAge, b: PageAge): PageAge {
  return { fetched: earlier(a.fetched, b.fetched), isStale: a.isStale || b.isStale };
}

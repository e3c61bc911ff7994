import { MAX_PAGE_LIMIT, type PageNumber } from '../upstream/job-list.ts';

/** The places of a list from `start` on, up to but without `end`. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** The part of a list that a page number stands for. */
export function spanOf({ page, limit }: PageNumber): Span {
  return { start: (page - 1) * limit, end: page * limit };
}

/**
 * The upstream pages that cover a span: the smallest single page that does, else the fewest. The service only knows
 * pages that begin at a multiple of their length, so each length offers other beginnings; neighbouring pages share a
 * place at least, by which they can be told to be of one piece even if the list moves between them.
 */
export function planPages({ start, end }: Span): readonly PageNumber[] {
  const pages: PageNumber[] = [];
  let next = start;
  while (true) {
    const single = smallestPage({ start: next, end });
    if (single !== null) return [...pages, single];
    const page = pageReachingOn(next);
    pages.push(page);
    next = spanOf(page).end - 1;
  }
}

/** The page that holds the place `offset` and reaches the furthest behind it. */
export function pageReachingOn(offset: number): PageNumber {
  return best(pagesHolding(offset), (page) => spanOf(page).end);
}

/** The page that holds the place `offset` and reaches the furthest in front of it. */
export function pageReachingBack(offset: number): PageNumber {
  return best(pagesHolding(offset), (page) => -spanOf(page).start);
}

function smallestPage({ start, end }: Span): PageNumber | null {
  for (let limit = Math.max(1, end - start); limit <= MAX_PAGE_LIMIT; limit += 1) {
    const page = Math.floor(start / limit) + 1;
    if (page * limit >= end) return { page, limit };
  }
  return null;
}

/** Longer than one place, so that whoever follows them gets on. */
function pagesHolding(offset: number): readonly PageNumber[] {
  return Array.from({ length: MAX_PAGE_LIMIT - 1 }, (_, index) => {
    const limit = MAX_PAGE_LIMIT - index;
    return { page: Math.floor(offset / limit) + 1, limit };
  });
}

function best(pages: readonly PageNumber[], score: (page: PageNumber) => number): PageNumber {
  return pages.reduce((leader, page) => (score(page) > score(leader) ? page : leader));
}

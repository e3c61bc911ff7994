import { type Span, spanOf } from '../../jobs/span.ts';
import { MAX_PAGE_LIMIT, type PageRequest } from '../../upstream/job-list.ts';
import { type Direction, MAX_ANCHORS } from './bookmark.ts';

/**
 * The upstream pages that cover a span: the smallest single page that does, else the fewest. An upstream page begins at
 * a multiple of its length, so each length offers other beginnings. Neighbours share `shared` rows, so that they can be
 * joined even if the list moves between them.
 */
export function planPages({ start, end }: Span, shared = 1): readonly PageRequest[] {
  const pages: PageRequest[] = [];
  let next = start;
  while (true) {
    const single = smallestPage({ start: next, end });
    if (single !== null) return [...pages, single];
    const page = pageReachingOn(next);
    pages.push(page);
    next = spanOf(page).end - shared;
  }
}

/**
 * The pages that hold a boundary at `offset` and `count` jobs from there in a direction. They reach further on both
 * sides, and into each other, by a margin that costs no further page. The jobs in the margin tell where a bookmark is
 * even if some jobs around it have left the list. The margin is `least` at least.
 */
export function planAround(
  { offset, total }: { readonly offset: number; readonly total: number },
  direction: Direction,
  count: number,
  least = 1,
): readonly PageRequest[] {
  const bookmark = Math.min(offset, total);
  const plan = (margin: number) =>
    planPages(spanAround(bookmark, total, direction, count, margin), Math.max(1, margin));
  const fewest = plan(least).length;
  for (let margin = MAX_ANCHORS; margin > least; margin -= 1) {
    const pages = plan(margin);
    if (pages.length === fewest) return pages;
  }
  return plan(least);
}

function spanAround(
  offset: number,
  total: number,
  direction: Direction,
  count: number,
  margin: number,
): Span {
  const beyond = count + Math.max(0, margin - 1);
  const [inFront, behind] = direction === 'forward' ? [margin, beyond] : [beyond, margin];
  const start = Math.max(0, offset - inFront);
  return { start, end: Math.max(start + 1, Math.min(offset + behind, total)) };
}

/** The page that holds the row at `offset` and reaches the furthest behind it. */
export function pageReachingOn(offset: number): PageRequest {
  return furthestPage(offset, (limit, page) => page * limit);
}

/** The page that holds the row at `offset` and reaches the furthest in front of it. */
export function pageReachingBack(offset: number): PageRequest {
  return furthestPage(offset, (limit, page) => (1 - page) * limit);
}

function smallestPage({ start, end }: Span): PageRequest | null {
  for (let limit = Math.max(1, end - start); limit <= MAX_PAGE_LIMIT; limit += 1) {
    const page = pageHolding(start, limit);
    if (page * limit >= end) return { page, limit };
  }
  return null;
}

/**
 * Of the pages that hold a row, the one that reaches furthest: the longest where several reach as far. `reachOf` gives the
 * end of a page, or its start with a minus: as numbers, because a hundred spans for each plan cost more than the rest.
 */
function furthestPage(offset: number, reachOf: (limit: number, page: number) => number): PageRequest {
  let furthest = { page: 1, limit: 1 };
  let reach = Number.NEGATIVE_INFINITY;
  for (let limit = MAX_PAGE_LIMIT; limit >= 1; limit -= 1) {
    const page = pageHolding(offset, limit);
    if (reachOf(limit, page) <= reach) continue;
    reach = reachOf(limit, page);
    furthest = { page, limit };
  }
  return furthest;
}

function pageHolding(offset: number, limit: number): number {
  return Math.floor(offset / limit) + 1;
}

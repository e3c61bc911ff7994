import { MAX_PAGE_LIMIT, type PageNumber } from '../upstream/job-list.ts';

/** A job that is to be read, and what is known of it. */
export interface Wanted {
  readonly qrn: string;
  /** Where it was last seen in the key's whole list: null where it never was, or was lately missed there. */
  readonly offset: number | null;
  /** Whether it may be anywhere in the whole list: it was never seen there, and not lately missed. */
  readonly isUnseen: boolean;
  /** Whether it should be in the list of jobs under way: it was last read so, and not lately missed there. */
  readonly isPending: boolean;
}

/** Below this many jobs, list pages save too little to be worth their size. */
const MIN_BATCH = 3;

/** On fewer of the wanted jobs, a page costs more requests than it saves. */
const MIN_ON_PAGE = 2;

/** What to do next for a batch of jobs: read these pages of the whole list, or search a list from its newest page on. */
export type BatchStep =
  | { readonly kind: 'pages'; readonly pages: readonly PageNumber[]; readonly qrns: readonly string[] }
  | { readonly kind: 'search'; readonly list: 'pending' | 'all'; readonly qrns: readonly string[] };

/**
 * The next step for the jobs that are still wanted, or null where each is to be read by itself. Jobs that stand on one
 * page cost one request; jobs under way, however old, stand close together in the list of those; only what was never
 * seen is searched for from the newest page on.
 */
export function nextStep(wanted: readonly Wanted[]): BatchStep | null {
  if (wanted.length < MIN_BATCH) return null;
  const seen = pagesSeen(wanted);
  const pending = wanted.filter(({ isPending }) => isPending);
  if (pending.length >= MIN_BATCH && seen.pages.length !== 1) return search('pending', pending);
  if (seen.pages.length > 0) return { kind: 'pages', ...seen };
  const unseen = wanted.filter(({ isUnseen }) => isUnseen);
  return unseen.length >= MIN_BATCH ? search('all', unseen) : null;
}

/**
 * The pages of a search to read next, when so many jobs are still to be found: as many at once as these would fill if
 * nothing else stood among them, since no fewer can hold them all.
 */
export function nextSearchPages(lastPage: number, wantedCount: number): readonly PageNumber[] {
  const count = Math.max(1, Math.floor(wantedCount / MAX_PAGE_LIMIT));
  return Array.from({ length: count }, (_, index) => ({ page: lastPage + 1 + index, limit: MAX_PAGE_LIMIT }));
}

/** Whether a search should go on after it found so many jobs on so many pages. */
export function hasPaid(foundCount: number, pageCount: number): boolean {
  return foundCount >= MIN_ON_PAGE * pageCount;
}

function search(list: 'pending' | 'all', wanted: readonly Wanted[]): BatchStep {
  return { kind: 'search', list, qrns: wanted.map(({ qrn }) => qrn) };
}

function pagesSeen(wanted: readonly Wanted[]) {
  const byPage = new Map<number, string[]>();
  for (const { qrn, offset } of wanted) {
    if (offset === null) continue;
    const page = Math.floor(offset / MAX_PAGE_LIMIT) + 1;
    byPage.set(page, [...(byPage.get(page) ?? []), qrn]);
  }
  const worthwhile = [...byPage].filter(([, qrns]) => qrns.length >= MIN_ON_PAGE);
  return {
    pages: worthwhile.map(([page]) => ({ page, limit: MAX_PAGE_LIMIT })),
    qrns: worthwhile.flatMap(([, qrns]) => qrns),
  };
}

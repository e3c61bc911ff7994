import { MAX_PAGE_LIMIT, type PageRequest } from '../upstream/job-list.ts';

/** The lists that jobs are looked for in: of all of a key's jobs, and of its pending jobs. */
export type BatchList = 'all' | 'pending';

/** A job that is to be read, and what is known of it. */
export interface WantedJob {
  readonly qrn: string;
  /** Where it was last seen in the list of all jobs: null where it never was, or was lately missed there. */
  readonly offset: number | null;
  /** Whether it may be anywhere in the list of all jobs: it was never seen there, and not lately missed. */
  readonly isUnseen: boolean;
  /** Whether it should be in the list of pending jobs: it was last read so, and not lately missed there. */
  readonly isPending: boolean;
}

/** What to do next for a batch of jobs: read these pages of a list, or search it from its newest page on. */
export interface BatchStep {
  readonly list: BatchList;
  /** Null for a search. */
  readonly pages: readonly PageRequest[] | null;
  /** The jobs that this may find. */
  readonly qrns: ReadonlySet<string>;
}

/** Below this many jobs, list pages save too little to be worth their size. */
export const MIN_BATCH = 3;

/** So many jobs are worth a search even of a list that was lately searched in vain. */
const MIN_BATCH_AGAIN = 10;

/** On fewer of the wanted jobs, a page costs more requests than it saves. */
const MIN_ON_PAGE = 2;

/**
 * The next step for the jobs that are still wanted, or null where each is to be read by itself. Jobs that stand on one
 * page cost one request; pending jobs, however old, stand close together in their own list; only what was never
 * seen is searched for from the newest page on.
 *
 * @param isPoor whether a list was lately searched in vain.
 */
export function nextStep(
  wanted: readonly WantedJob[],
  isPoor: Readonly<Record<BatchList, boolean>>,
): BatchStep | null {
  if (wanted.length < MIN_BATCH) return null;
  const isEnough = (list: BatchList, { length }: readonly WantedJob[]) =>
    length >= (isPoor[list] ? MIN_BATCH_AGAIN : MIN_BATCH);
  const seen = pagesSeen(wanted);
  const pending = wanted.filter(({ isPending }) => isPending);
  const isOnOnePage = seen.pages.length === 1 && seen.qrns.size >= pending.length;
  if (isEnough('pending', pending) && !isOnOnePage) return search('pending', pending);
  if (seen.pages.length > 0) return { list: 'all', ...seen };
  const unseen = wanted.filter(({ isUnseen }) => isUnseen);
  return isEnough('all', unseen) ? search('all', unseen) : null;
}

/** What is still wanted after a step that found some jobs: what it did not find is not in its list. */
export function wantedAfter(
  wanted: readonly WantedJob[],
  { list, qrns }: BatchStep,
  found: { has(qrn: string): boolean },
): readonly WantedJob[] {
  const missed = list === 'all' ? { offset: null, isUnseen: false } : { isPending: false };
  return wanted
    .filter(({ qrn }) => !found.has(qrn))
    .map((each) => (qrns.has(each.qrn) ? { ...each, ...missed } : each));
}

/** How far a search has come. */
export interface BatchSearchState {
  /** How many pages were read. */
  readonly pagesRead: number;
  /** How many jobs the list holds: infinity where no page has told. */
  readonly total: number;
  /** How many of the wanted jobs are still to be found. */
  readonly wantedCount: number;
}

/**
 * The pages of a search to read next: none where nothing is left. The first page is read by itself, since it tells
 * whether the list is worth more; then as many at once as the jobs would fill if nothing else stood among them, since
 * no fewer can hold them all.
 */
export function nextSearchPages({ pagesRead, total, wantedCount }: BatchSearchState): readonly PageRequest[] {
  if (wantedCount === 0) return [];
  const pagesLeft = Math.max(0, Math.ceil(total / MAX_PAGE_LIMIT) - pagesRead);
  const pagesFilled = pagesRead === 0 ? 1 : Math.max(1, Math.floor(wantedCount / MAX_PAGE_LIMIT));
  return Array.from({ length: Math.min(pagesLeft, pagesFilled) }, (_, index) => ({
    page: pagesRead + 1 + index,
    limit: MAX_PAGE_LIMIT,
  }));
}

/** Whether so many pages saved requests, by the jobs found on them. */
export function hasPaid(foundCount: number, pageCount: number): boolean {
  return foundCount >= MIN_ON_PAGE * pageCount;
}

function search(list: BatchList, wanted: readonly WantedJob[]): BatchStep {
  return { list, pages: null, qrns: new Set(wanted.map(({ qrn }) => qrn)) };
}

/** The pages of the list of all jobs that held several of the jobs when these were last seen there. */
function pagesSeen(wanted: readonly WantedJob[]) {
  const byPage = new Map<number, string[]>();
  for (const { qrn, offset } of wanted) {
    if (offset === null) continue;
    const page = Math.floor(offset / MAX_PAGE_LIMIT) + 1;
    byPage.set(page, [...(byPage.get(page) ?? []), qrn]);
  }
  const worthwhile = [...byPage].filter(([, qrns]) => qrns.length >= MIN_ON_PAGE);
  return {
    pages: worthwhile.map(([page]) => ({ page, limit: MAX_PAGE_LIMIT })),
    qrns: new Set(worthwhile.flatMap(([, qrns]) => qrns)),
  };
}

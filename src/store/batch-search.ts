import { isFailure } from '../jobs/failures.ts';
import { isTerminal } from '../jobs/job-progress.ts';
import type { FetchedJob } from '../jobs/list-page.ts';
import type { Clock } from '../lib/clock.ts';
import { GatewayError } from '../lib/gateway-error.ts';
import type { ListFilter, PageRequest } from '../upstream/job-list.ts';
import { toSearchParams } from '../upstream/to-search-params.ts';
import type { UpstreamError } from '../upstream/upstream-error.ts';
import type { JobCache } from './cache/job-cache.ts';
import type { NegativeCache } from './cache/negative-cache.ts';
import type { CachedPage } from './cache/page-cache.ts';
import { ageOf, type FreshnessLimits, freshnessOf } from './freshness.ts';
import type { PageSubject } from './page-resource.ts';
import {
  type BatchList,
  type BatchStep,
  hasPaid,
  MIN_BATCH,
  nextSearchPages,
  nextStep,
  type WantedJob,
  wantedAfter,
} from './plan-batch.ts';
import type { Reader } from './read-scope.ts';
import type { ReadThrough } from './read-through.ts';

/** Looks for jobs on list pages for as long as that saves requests. Never rejects for what a list does not give. */
export type BatchSearch = (reader: Reader, qrns: readonly string[]) => Promise<BatchFindings>;

/** What list pages gave of the jobs that were looked for, by their QRNs. */
export interface BatchFindings {
  readonly found: ReadonlyMap<string, FetchedJob>;
  /** Why the others should not be read one by one either: null where they should. */
  readonly failure: UpstreamError | null;
}

export interface BatchSearchParts {
  readonly pages: ReadThrough<PageSubject, CachedPage>;
  readonly jobs: JobCache;
  readonly negatives: NegativeCache;
  readonly freshness: FreshnessLimits;
  readonly clock: Clock;
}

/** What a search has come to. */
interface Progress {
  readonly found: Map<string, FetchedJob>;
  /** The wanted jobs that stood on a page, also those that the page does not tell enough about. */
  readonly seen: Set<string>;
  failure: UpstreamError | null;
}

/** The pages that could be read, and whether all could, and whether they were asked for after the batch was wanted. */
interface PagesRead {
  readonly pages: readonly CachedPage[];
  readonly isComplete: boolean;
  readonly isCurrent: boolean;
}

const FILTERS: Readonly<Record<BatchList, ListFilter>> = { all: {}, pending: { statusGroup: 'pending' } };

const NOTHING: BatchFindings = { found: new Map(), failure: null };

/** What the cache calls the lists. */
const NAMES: Readonly<Record<BatchList, string>> = {
  all: toSearchParams(FILTERS.all),
  pending: toSearchParams(FILTERS.pending),
};

/** Makes the search of a store. */
export function createBatchSearch({
  pages,
  jobs,
  negatives,
  freshness,
  clock,
}: BatchSearchParts): BatchSearch {
  const isMissing = ({ account }: Reader, list: BatchList, qrn: string | null) =>
    negatives.has(account.partition, NAMES[list], qrn);
  const addMissing = ({ account }: Reader, list: BatchList, qrn: string | null) =>
    negatives.add(account.partition, NAMES[list], qrn);

  function describe(reader: Reader, qrn: string): WantedJob {
    const known = jobs.lookup(reader.account.partition, qrn);
    const isActive = known !== null && !isFailure(known.value) && !isTerminal(known.value.job.status);
    const isMissed = isMissing(reader, 'all', qrn);
    const offset = isMissed ? null : (known?.offset ?? null);
    return {
      qrn,
      offset,
      isUnseen: offset === null && !isMissed,
      isPending: isActive && !isMissing(reader, 'pending', qrn),
    };
  }

  /** Reads pages of a list: those that can be read. Takes the wanted jobs on them to the others. */
  async function readPages(
    reader: Reader,
    { list, qrns }: BatchStep,
    requests: readonly PageRequest[],
    progress: Progress,
  ): Promise<PagesRead> {
    const filter = FILTERS[list];
    // Jobs that are not known are often new: a page of a second ago would not hold them.
    const anew = { ...reader, scope: { ...reader.scope, maxAgeMs: 0 } };
    const results = await Promise.all(
      requests.map((page) => pages.readFresh(anew, { filter, page }).catch(toPageFailure)),
    );
    const arrived = results.filter(isPage);
    for (const { value } of arrived) {
      for (const { identity, job } of value.items) {
        if (!qrns.has(identity) || isFailure(job)) continue;
        progress.seen.add(identity);
        if (isRecent(reader, job)) progress.found.set(identity, job);
        reader.scope.noteReading?.(job.fetched, freshnessOf(job, freshness));
      }
    }
    // A key that has just hung would hang once more for each round of single reads.
    progress.failure = results.filter(isFailure).find(isNewTimeout) ?? null;
    return {
      pages: arrived,
      isComplete: arrived.length === requests.length,
      isCurrent: arrived.every(({ askedSeq }) => askedSeq > reader.scope.startedSeq),
    };
  }

  /** Whether what is known of a job will do. A page may lag behind what was read before it, and long ago. */
  function isRecent(reader: Reader, job: FetchedJob): boolean {
    const when = { askedSeq: job.fetched.seq, read: job.fetched };
    return ageOf(when, freshnessOf(job, freshness), reader, clock.now()) === 'fresh';
  }

  /** Searches a list from its newest page on, for as long as that pays. */
  async function search(
    reader: Reader,
    step: BatchStep,
    progress: Progress,
  ): Promise<Omit<PagesRead, 'pages'>> {
    const countWanted = () => [...step.qrns].filter((qrn) => !progress.seen.has(qrn)).length;
    let isCurrent = true;
    let state = { pagesRead: 0, total: Number.POSITIVE_INFINITY, wantedCount: countWanted() };
    for (let requests = nextSearchPages(state); requests.length > 0; requests = nextSearchPages(state)) {
      const reading = await readPages(reader, step, requests, progress);
      if (!reading.isComplete) return reading;
      isCurrent &&= reading.isCurrent;
      const wantedCount = countWanted();
      if (!hasPaid(state.wantedCount - wantedCount, requests.length)) {
        if (state.pagesRead === 0 && isCurrent) addMissing(reader, step.list, null);
        break;
      }
      const total = Math.max(...reading.pages.map(({ value }) => value.total));
      state = { pagesRead: state.pagesRead + requests.length, total, wantedCount };
    }
    return { isComplete: true, isCurrent };
  }

  /** Takes one step after the other for as long as there is one that pays. */
  async function searchLists(reader: Reader, qrns: readonly string[], progress: Progress): Promise<void> {
    const isPoor = { all: isMissing(reader, 'all', null), pending: isMissing(reader, 'pending', null) };
    let wanted: readonly WantedJob[] = qrns.map((qrn) => describe(reader, qrn));
    for (let step = nextStep(wanted, isPoor); step !== null; step = nextStep(wanted, isPoor)) {
      const { isComplete, isCurrent } =
        step.pages === null
          ? await search(reader, step, progress)
          : await readPages(reader, step, step.pages, progress);
      if (!isComplete) break;
      // A page that was asked for before the jobs were wanted proves nothing of one that is new.
      const missed = isCurrent ? [...step.qrns].filter((qrn) => !progress.seen.has(qrn)) : [];
      for (const qrn of missed) addMissing(reader, step.list, qrn);
      wanted = wantedAfter(wanted, step, progress.seen);
    }
  }

  return async (reader, qrns) => {
    // For fewer there is no step: what is known of them need not be looked up.
    if (qrns.length < MIN_BATCH) return NOTHING;
    const progress: Progress = { found: new Map(), seen: new Set(), failure: null };
    await searchLists(reader, qrns, progress);
    return progress;
  };
}

function isNewTimeout({ kind, facts }: UpstreamError): boolean {
  return kind === 'timeout' && facts.isRepeated !== true;
}

function isPage(result: CachedPage | Error): result is CachedPage {
  return !(result instanceof Error);
}

/** A page that cannot be read is not the end of the batch: its jobs may be read one by one. */
function toPageFailure(error: unknown): UpstreamError | GatewayError {
  if (isFailure(error) || error instanceof GatewayError) return error;
  throw error;
}

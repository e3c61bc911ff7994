import { isTerminal } from '../jobs/job-progress.ts';
import type { FetchedJob } from '../jobs/list-page.ts';
import { GatewayError } from '../lib/gateway-error.ts';
import type { ListFilter, PageNumber } from '../upstream/job-list.ts';
import { toSearchParams } from '../upstream/to-search-params.ts';
import { UpstreamError } from '../upstream/upstream-error.ts';
import type { CachedPage } from './cache/cached.ts';
import type { PageReader } from './page-reader.ts';
import {
  type BatchList,
  type BatchStep,
  hasPaid,
  nextSearchPages,
  nextStep,
  type Wanted,
  wantedAfter,
} from './plan-batch.ts';
import type { Reader } from './reader.ts';
import type { StoreParts } from './store-parts.ts';

/** Looks for jobs on list pages for as long as that saves requests. Never rejects for what a list does not give. */
export type SearchJobs = (
  reader: Reader,
  qrns: readonly string[],
) => Promise<ReadonlyMap<string, FetchedJob>>;

/** For how long what was not found is not looked for again in the same list. */
const MISSING_MS = 60_000;

const FILTERS: Readonly<Record<BatchList, ListFilter>> = { all: {}, pending: { statusGroup: 'pending' } };

/** Makes the search of a store. */
export function createJobSearch({ memory }: StoreParts, pages: PageReader): SearchJobs {
  const isMissing = ({ account }: Reader, list: BatchList, qrn: string | null) =>
    memory.isMissing(account.space, toSearchParams(FILTERS[list]), qrn);
  const keepNegative = ({ account }: Reader, list: BatchList, qrn: string | null) =>
    memory.keepNegative(account.space, toSearchParams(FILTERS[list]), qrn, MISSING_MS);

  function describe(reader: Reader, qrn: string): Wanted {
    const known = memory.job(reader.account.space, qrn);
    const isActive =
      known !== null && !(known.value instanceof UpstreamError) && !isTerminal(known.value.job.status);
    const isMissed = isMissing(reader, 'all', qrn);
    const offset = isMissed ? null : (known?.offset ?? null);
    return {
      qrn,
      offset,
      isUnseen: offset === null && !isMissed,
      isPending: isActive && !isMissing(reader, 'pending', qrn),
    };
  }

  /** Reads pages of a list: those that can be read, and takes the wanted jobs on them to the others. */
  async function take(
    reader: Reader,
    { list, qrns }: BatchStep,
    numbers: readonly PageNumber[],
    found: Map<string, FetchedJob>,
  ): Promise<readonly CachedPage[]> {
    const filter = FILTERS[list];
    // Jobs that are not known are often new: a page of a second ago would not hold them.
    const anew = { ...reader, scope: { ...reader.scope, maxAgeMs: 0 } };
    const read = await Promise.all(
      numbers.map((page) => pages.readFresh(anew, { filter, page }).catch(orNull)),
    );
    const arrived = read.filter((page) => page !== null);
    for (const { value, readAtMs } of arrived) {
      for (const { identity, job } of value.items) {
        // What is known from an earlier reading is for the job's own freshness to judge.
        const isRead = !(job instanceof UpstreamError) && job.fetched.atMs >= readAtMs;
        if (isRead && qrns.has(identity)) found.set(identity, job);
      }
    }
    return arrived;
  }

  /** Searches a list from its newest page on, for as long as that pays: whether its pages could be read. */
  async function search(reader: Reader, step: BatchStep, found: Map<string, FetchedJob>): Promise<boolean> {
    const countWanted = () => [...step.qrns].filter((qrn) => !found.has(qrn)).length;
    let state = { pagesRead: 0, total: Number.POSITIVE_INFINITY, wantedCount: countWanted() };
    for (let numbers = nextSearchPages(state); numbers.length > 0; numbers = nextSearchPages(state)) {
      const arrived = await take(reader, step, numbers, found);
      if (arrived.length < numbers.length) return false;
      const wantedCount = countWanted();
      if (!hasPaid(state.wantedCount - wantedCount, numbers.length)) {
        if (state.pagesRead === 0) keepNegative(reader, step.list, null);
        break;
      }
      const total = Math.max(...arrived.map(({ value }) => value.total));
      state = { pagesRead: state.pagesRead + numbers.length, total, wantedCount };
    }
    return true;
  }

  return async (reader, qrns) => {
    const found = new Map<string, FetchedJob>();
    const isPoor = { all: isMissing(reader, 'all', null), pending: isMissing(reader, 'pending', null) };
    let wanted: readonly Wanted[] = qrns.map((qrn) => describe(reader, qrn));
    for (let step = nextStep(wanted, isPoor); step !== null; step = nextStep(wanted, isPoor)) {
      const isComplete =
        step.pages === null
          ? await search(reader, step, found)
          : (await take(reader, step, step.pages, found)).length === step.pages.length;
      if (!isComplete) break;
      for (const qrn of step.qrns) if (!found.has(qrn)) keepNegative(reader, step.list, qrn);
      wanted = wantedAfter(wanted, step, found);
    }
    return found;
  };
}

/** A page that cannot be read is not the end of the batch: its jobs may be read one by one. */
function orNull(error: unknown): null {
  if (error instanceof UpstreamError || error instanceof GatewayError) return null;
  throw error;
}

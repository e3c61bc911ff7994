import type { Job } from '../upstream/job.ts';
import type { ListFilter, PageNumber } from '../upstream/job-list.ts';
import { toSearchParams } from '../upstream/to-search-params.ts';
import { UpstreamError } from '../upstream/upstream-error.ts';
import { freshnessOf, isFresh } from './freshness.ts';
import { isTerminal } from './is-terminal.ts';
import type { ReadJob } from './list-page.ts';
import type { PageReader } from './page-reader.ts';
import { type BatchStep, hasPaid, nextSearchPages, nextStep, type Wanted } from './plan-batch.ts';
import type { Reader, StoreParts } from './store-parts.ts';

/** What came of reading one job. */
export type Outcome = ReadJob | Error;

/** Reads jobs for the job store. */
export interface JobReader {
  /** What came of reading each of these jobs, by QRN. Never rejects. */
  read(reader: Reader, qrns: readonly string[]): Promise<ReadonlyMap<string, Outcome>>;
}

/** For how long a job is not looked for again in a list that did not hold it. */
const MISSING_MS = 60_000;

/** The lists that jobs are looked for in. */
const LISTS: Readonly<Record<'all' | 'pending', ListFilter>> = {
  all: {},
  pending: { statusGroup: 'pending' },
};

/** Makes the job reader of a store. */
export function createJobReader(parts: StoreParts, pages: PageReader): JobReader {
  const { client, clock, memory, flights, gatekeeper, freshness } = parts;

  /** Moves what memory holds fresh from the wanted jobs to the outcomes. */
  function takeFresh({ account, scope }: Reader, wanted: Set<string>, outcomes: Map<string, Outcome>): void {
    const reading = { scope, account, nowMs: clock.now() };
    for (const qrn of wanted) {
      const job = memory.job(account.space, qrn);
      if (job === null || !isFresh(job, freshnessOf(job.value, freshness), reading)) continue;
      outcomes.set(qrn, job.value);
      wanted.delete(qrn);
    }
  }

  function describe({ account: { space } }: Reader, qrn: string): Wanted {
    const known = memory.job(space, qrn);
    const isMissing = (list: 'all' | 'pending') => memory.isMissing(space, toSearchParams(LISTS[list]), qrn);
    const isActive =
      known !== null && !(known.value instanceof UpstreamError) && !isTerminal(known.value.job.status);
    const offset = known === null || isMissing('all') ? null : known.offset;
    return {
      qrn,
      offset,
      isUnseen: offset === null && !isMissing('all'),
      isPending: isActive && !isMissing('pending'),
    };
  }

  /** Reads list pages into memory: whether all were full, so that more may follow; null where they cannot be read. */
  async function readPages(
    reader: Reader,
    filter: ListFilter,
    numbers: readonly PageNumber[],
  ): Promise<{ readonly areFull: boolean } | null> {
    try {
      const read = await Promise.all(numbers.map((page) => pages.read(reader, { filter, page })));
      return { areFull: read.every(({ items }, index) => items.length === numbers[index]?.limit) };
    } catch (error) {
      if (error instanceof UpstreamError) return null;
      throw error;
    }
  }

  /** Takes one step: whether another may follow. What its pages do not hold is not looked for there for a while. */
  async function take(reader: Reader, step: BatchStep, wanted: Set<string>, outcomes: Map<string, Outcome>) {
    const { account } = reader;
    const filter = LISTS[step.kind === 'search' ? step.list : 'all'];
    const left = () => step.qrns.filter((qrn) => wanted.has(qrn));
    for (let lastPage = 0, goesOn = true; goesOn; ) {
      const before = left().length;
      const numbers = step.kind === 'pages' ? step.pages : nextSearchPages(lastPage, before);
      const read = await readPages(reader, filter, numbers);
      if (read === null) return false;
      takeFresh(reader, wanted, outcomes);
      lastPage += numbers.length;
      const isPaying = hasPaid(before - left().length, numbers.length);
      goesOn = step.kind === 'search' && read.areFull && isPaying && left().length > 0;
    }
    for (const qrn of left()) memory.keepMissing(account.space, toSearchParams(filter), qrn, MISSING_MS);
    return true;
  }

  async function readOne(reader: Reader, qrn: string): Promise<Outcome> {
    const { key, account, scope } = reader;
    const { space } = account;
    try {
      return await flights.share(`${space} job ${qrn}`, scope.signal, (signal) =>
        keep(
          space,
          qrn,
          gatekeeper.pass(account, scope, () => client.getJob(key, qrn, signal)),
        ),
      );
    } catch (error) {
      const isHeld = error instanceof UpstreamError && error.kind === 'rate-limited';
      const stale = isHeld ? memory.job(account.space, qrn) : null;
      if (stale === null) return toError(error);
      scope.markStale();
      return stale.value;
    }
  }

  async function keep(space: number, qrn: string, answer: Promise<Job>): Promise<Outcome> {
    try {
      return memory.keepJob(space, qrn, { job: await answer, fetchedAtMs: clock.now() });
    } catch (error) {
      // Also in place of the job as it was seen before: the key may not see it any more.
      const isRefusal = error instanceof UpstreamError && ['forbidden', 'not-found'].includes(error.kind);
      if (isRefusal) memory.keepJob(space, qrn, error);
      throw error;
    }
  }

  return {
    async read(reader, qrns) {
      const wanted = new Set(qrns);
      const outcomes = new Map<string, Outcome>();
      takeFresh(reader, wanted, outcomes);
      try {
        for (let goesOn = true; goesOn; ) {
          const step = nextStep([...wanted].map((qrn) => describe(reader, qrn)));
          goesOn = step !== null && (await take(reader, step, wanted, outcomes));
        }
        await Promise.all([...wanted].map(async (qrn) => outcomes.set(qrn, await readOne(reader, qrn))));
      } catch (error) {
        for (const qrn of wanted) if (!outcomes.has(qrn)) outcomes.set(qrn, toError(error));
      }
      return outcomes;
    },
  };
}

function toError(cause: unknown): Error {
  return cause instanceof Error ? cause : new Error('A job could not be read.', { cause });
}

import { isHeld } from '../jobs/failures.ts';
import type { FetchedJob } from '../jobs/list-page.ts';
import { mapBounded } from '../lib/map-bounded.ts';
import type { Job } from '../upstream/job.ts';
import { UpstreamError } from '../upstream/upstream-error.ts';
import { createJobSearch } from './batch-search.ts';
import { type Age, ageOf, freshnessOf } from './freshness.ts';
import { createInFlight } from './in-flight.ts';
import type { PageReader } from './page-reader.ts';
import type { Reader } from './reader.ts';
import type { StoreParts } from './store-parts.ts';

/** What came of reading one job. */
export type Outcome = FetchedJob | Error;

/** Reads jobs for the job store. */
export interface JobReader {
  /** What came of reading each of these jobs, in their order. Never rejects. */
  read(reader: Reader, qrns: readonly string[]): Promise<readonly Outcome[]>;
}

/** How many jobs of a batch are read one by one at a time: where the first are refused, the rest is never sent. */
const MAX_AT_ONCE = 16;

/** Makes the job reader of a store. */
export function createJobReader(parts: StoreParts, pages: PageReader): JobReader {
  const { client, clock, memory, admission, freshness } = parts;
  const inFlight = createInFlight<string, FetchedJob | UpstreamError>(
    (underWay, wanted) => underWay === wanted,
  );
  const searchJobs = createJobSearch(parts, pages);

  /** What the memory has of a job, if it serves. */
  function lookup(
    reader: Reader,
    qrn: string,
    serves: (age: Age, value: FetchedJob | UpstreamError) => boolean,
  ): FetchedJob | UpstreamError | null {
    const known = memory.job(reader.account.space, qrn);
    if (known === null) return null;
    const age = ageOf(known, freshnessOf(known.value, freshness), reader, clock.now());
    if (!serves(age, known.value)) return null;
    if (age !== 'fresh') reader.scope.markStale();
    return known.value;
  }

  const recallUsable = (reader: Reader, qrn: string) => lookup(reader, qrn, (age) => age !== 'old');

  /** A refusal of long ago is no answer; what it replaced is gone. */
  const recallAny = (reader: Reader, qrn: string) =>
    lookup(reader, qrn, (_, value) => !(value instanceof UpstreamError));

  function ask(reader: Reader, qrn: string): Promise<FetchedJob | UpstreamError> {
    const { key, account, scope } = reader;
    const { space } = account;
    return inFlight.share(String(space), qrn, scope.signal, (signal) =>
      keep(
        space,
        qrn,
        admission.pass(reader, () => client.getJob(key, qrn, signal)),
      ),
    );
  }

  async function keep(space: number, qrn: string, answer: Promise<Job>): Promise<FetchedJob | UpstreamError> {
    try {
      return memory.keepJob(space, qrn, await answer);
    } catch (error) {
      // Also in place of the job as it was seen before: the key may not see it any more.
      if (isOfJob(error)) return memory.keepJob(space, qrn, error);
      throw error;
    }
  }

  async function readOne(reader: Reader, qrn: string): Promise<Outcome> {
    try {
      return recallUsable(reader, qrn) ?? (await ask(reader, qrn));
    } catch (error) {
      return (isHeld(error) ? recallAny(reader, qrn) : null) ?? toError(error);
    }
  }

  return {
    async read(reader, qrns) {
      const known = new Map(qrns.map((qrn) => [qrn, recallUsable(reader, qrn)]));
      const unknown = qrns.filter((qrn) => known.get(qrn) === null);
      try {
        const found = await searchJobs(reader, unknown);
        return await mapBounded(
          qrns,
          MAX_AT_ONCE,
          async (qrn) => known.get(qrn) ?? found.get(qrn) ?? readOne(reader, qrn),
        );
      } catch (error) {
        return qrns.map((qrn) => known.get(qrn) ?? toError(error));
      }
    },
  };
}

/** Whether a failure says how the job itself stands to the key. */
function isOfJob(error: unknown): error is UpstreamError {
  return error instanceof UpstreamError && (error.kind === 'forbidden' || error.kind === 'not-found');
}

function toError(cause: unknown): Error {
  return cause instanceof Error ? cause : new Error('A job could not be read.', { cause });
}

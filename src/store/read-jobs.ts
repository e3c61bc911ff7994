import pMap from 'p-map';
import type { FetchedJob } from '../jobs/list-page.ts';
import { toError } from '../lib/to-error.ts';
import type { BatchSearch } from './batch-search.ts';
import type { CachedJob } from './cache/job-cache.ts';
import { MIN_BATCH } from './plan-batch.ts';
import type { Reader } from './read-scope.ts';
import type { ReadThrough } from './read-through.ts';

/** What came of reading one job. */
export type ReadOutcome = FetchedJob | Error;

/** How many jobs of a batch are read one by one at a time: where the first are refused, the rest is never sent. */
const MAX_AT_ONCE = 16;

/** What batches of jobs are read with. */
export interface BatchParts {
  readonly jobs: ReadThrough<string, CachedJob>;
  readonly search: BatchSearch;
}

/**
 * What came of reading each of these jobs, in their order: from the cache; else from list pages where these save
 * requests; else one by one; else, where that fails for a while or takes long, what the cache has. Never rejects.
 */
export async function readJobs(
  parts: BatchParts,
  reader: Reader,
  qrns: readonly string[],
): Promise<readonly ReadOutcome[]> {
  // For fewer no list page is searched. Nor is one from which the cache alone could tell no more.
  if (qrns.length < MIN_BATCH || reader.scope.onlyIfCached)
    return Promise.all(qrns.map((qrn) => readAlone(parts, reader, qrn)));
  const cached = qrns.map((qrn) => parts.jobs.peek(reader, qrn)?.value);
  const unknown = qrns.filter((_, index) => cached[index] === undefined);
  if (unknown.length === 0) return cached as readonly ReadOutcome[];
  const reading = readUnknown(parts, reader, unknown);
  return Promise.all(qrns.map((qrn, index) => cached[index] ?? readOrStale(parts, reader, qrn, reading)));
}

/** What came of reading one job by itself. Never rejects. */
function readAlone({ jobs }: BatchParts, reader: Reader, qrn: string): Promise<ReadOutcome> {
  return jobs.read(reader, qrn).then(toOutcome, toJobError);
}

/** What a batch gives of one of its jobs; else, where that fails for a while or takes long, what the cache has. */
function readOrStale(
  { jobs }: BatchParts,
  reader: Reader,
  qrn: string,
  reading: Promise<ReadonlyMap<string, ReadOutcome>>,
): Promise<ReadOutcome> {
  const read = reading.then((outcomes): ReadOutcome => {
    const outcome = outcomes.get(qrn) ?? new Error(`The batch lost ${qrn}.`);
    if (outcome instanceof Error) throw outcome;
    return outcome;
  });
  return jobs.orStale<ReadOutcome>(reader, qrn, read, toOutcome).catch(toJobError);
}

/** What came of reading each of these jobs, of which the cache has nothing that will do. Never rejects. */
async function readUnknown(
  { jobs, search }: BatchParts,
  reader: Reader,
  qrns: readonly string[],
): Promise<ReadonlyMap<string, ReadOutcome>> {
  try {
    const { found, failure } = await search(reader, qrns);
    const outcomes = new Map<string, ReadOutcome>();
    const read = async (qrn: string): Promise<void> => {
      const known = found.get(qrn) ?? failure;
      outcomes.set(qrn, known ?? (await jobs.readCurrent(reader, qrn).then(toOutcome, toJobError)));
    };
    // Not all at once: each that is refused gives its request back to the operation before the next one takes its own.
    if (qrns.length <= MAX_AT_ONCE) await Promise.all(qrns.map(read));
    else await pMap(qrns, read, { concurrency: MAX_AT_ONCE });
    return outcomes;
  } catch (error) {
    return new Map(qrns.map((qrn) => [qrn, toJobError(error)]));
  }
}

function toOutcome({ value }: CachedJob): ReadOutcome {
  return value;
}

function toJobError(thrown: unknown): Error {
  return toError(thrown, 'A job could not be read.');
}

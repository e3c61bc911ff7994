import pMap from 'p-map';
import type { FetchedJob } from '../jobs/list-page.ts';
import { toError } from '../lib/to-error.ts';
import type { BatchSearch } from './batch-search.ts';
import type { CachedJob } from './cache/job-cache.ts';
import type { Reader } from './read-scope.ts';
import type { ReadThrough } from './read-through.ts';

/** What came of reading one job. */
export type Outcome = FetchedJob | Error;

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
): Promise<readonly Outcome[]> {
  const cached = new Map(qrns.map((qrn) => [qrn, parts.jobs.peek(reader, qrn)?.value]));
  const unknown = qrns.filter((qrn) => cached.get(qrn) === undefined);
  const reading = readUnknown(parts, reader, unknown);
  const readOne = async (qrn: string): Promise<FetchedJob> => {
    const outcome = (await reading).get(qrn) ?? new Error(`The batch lost ${qrn}.`);
    if (outcome instanceof Error) throw outcome;
    return outcome;
  };
  const orStale = (qrn: string): Promise<Outcome> =>
    parts.jobs.orStale<Outcome>(reader, qrn, readOne(qrn), ({ value }) => value).catch(toJobError);
  return Promise.all(qrns.map((qrn) => cached.get(qrn) ?? orStale(qrn)));
}

/** What came of reading each of these jobs, of which the cache has nothing that will do. Never rejects. */
async function readUnknown(
  { jobs, search }: BatchParts,
  reader: Reader,
  qrns: readonly string[],
): Promise<ReadonlyMap<string, Outcome>> {
  const readOne = (qrn: string): Promise<Outcome> =>
    jobs.readCurrent(reader, qrn).then(({ value }) => value, toJobError);
  try {
    const { found, failure } = await search(reader, qrns);
    const read = async (qrn: string) => [qrn, found.get(qrn) ?? failure ?? (await readOne(qrn))] as const;
    // Not all at once: each that is refused gives its request back to the operation before the next one takes its own.
    const outcomes =
      qrns.length === 1
        ? await Promise.all(qrns.map(read))
        : await pMap(qrns, read, { concurrency: MAX_AT_ONCE });
    return new Map(outcomes);
  } catch (error) {
    return new Map(qrns.map((qrn) => [qrn, toJobError(error)]));
  }
}

function toJobError(thrown: unknown): Error {
  return toError(thrown, 'A job could not be read.');
}

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
 * requests; else one by one. Never rejects.
 */
export async function readJobs(
  { jobs, search }: BatchParts,
  reader: Reader,
  qrns: readonly string[],
): Promise<readonly Outcome[]> {
  const cached = new Map(qrns.map((qrn) => [qrn, jobs.peek(reader, qrn)?.value]));
  const readOne = (qrn: string): Promise<Outcome> =>
    jobs.read(reader, qrn).then(({ value }) => value, toJobError);
  try {
    const unknown = qrns.filter((qrn) => cached.get(qrn) === undefined);
    const { found, failure } = await search(reader, unknown);
    const known = (qrn: string) => cached.get(qrn) ?? found.get(qrn) ?? failure;
    return await pMap(qrns, (qrn) => known(qrn) ?? readOne(qrn), { concurrency: MAX_AT_ONCE });
  } catch (error) {
    return qrns.map((qrn) => cached.get(qrn) ?? toJobError(error));
  }
}

function toJobError(thrown: unknown): Error {
  return toError(thrown, 'A job could not be read.');
}

import { isFailure } from '../jobs/failures.ts';
import type { JobResultData } from '../upstream/job-result.ts';
import type { QbraidClient } from '../upstream/qbraid-client.ts';
import type { Cached, PartitionedCache } from './cache/partitioned-cache.ts';
import { ValueCache } from './cache/value-cache.ts';
import type { Resource } from './read-through.ts';

export interface ResultResourceParts {
  readonly client: Pick<QbraidClient, 'getJobResult'>;
  readonly cache: PartitionedCache;
}

/** A result is kept until its room is needed, in milliseconds. */
const FOR_GOOD = Number.MAX_SAFE_INTEGER;

/** What is decoded takes about four times as much as its text. */
const BYTES_PER_BYTE = 4;

/** The results of completed jobs, by QRN. They never change. */
export function resultResource({
  client,
  cache,
}: ResultResourceParts): Resource<string, JobResultData, Cached<JobResultData>> {
  const bytesOf = ({ bytes }: JobResultData) => BYTES_PER_BYTE * bytes;
  const results = new ValueCache<JobResultData>({ cache, bytesOf, lifetimeMs: FOR_GOOD });
  return {
    name: 'result',
    nameOf: (qrn) => qrn,
    freshMs: () => FOR_GOOD,
    fetch: (key, qrn, asker) => client.getJobResult(key, qrn, asker),
    lookup: (partition, qrn, since) => results.lookup(partition, qrn, since),
    keep(partition, qrn, answer, when) {
      if (isFailure(answer)) throw answer;
      return results.keep(partition, qrn, answer, when);
    },
  };
}

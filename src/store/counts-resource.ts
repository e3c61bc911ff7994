import { isFailure } from '../jobs/failures.ts';
import type { JobCounts } from '../upstream/job-counts.ts';
import type { QbraidClient } from '../upstream/qbraid-client.ts';
import type { Cached, PartitionedCache } from './cache/partitioned-cache.ts';
import { ValueCache } from './cache/value-cache.ts';
import type { FreshnessLimits } from './freshness.ts';
import type { Resource } from './read-through.ts';

export interface CountsResourceParts {
  readonly client: Pick<QbraidClient, 'getJobCounts'>;
  readonly cache: PartitionedCache;
  readonly freshness: FreshnessLimits;
}

/** There is one for each key. */
const NAME = '';

/** How many bytes the numbers take. */
const BYTES = 400;

/** How many jobs a key has, by status: all of them in one answer. */
export function countsResource({
  client,
  cache,
  freshness,
}: CountsResourceParts): Resource<null, JobCounts, Cached<JobCounts>> {
  const changedSeq = (partition: number) => cache.invalidations.ofLists(partition);
  const counts = new ValueCache<JobCounts>({ cache, bytesOf: () => BYTES, changedSeq });
  return {
    name: 'counts',
    nameOf: () => NAME,
    freshMs: () => freshness.activeMs,
    fetch: (key, _, asker) => client.getJobCounts(key, asker),
    changedSeq,
    lookup: (partition, _, since) => counts.lookup(partition, NAME, since),
    keep(partition, _, answer, when) {
      if (isFailure(answer)) throw answer;
      return counts.keep(partition, NAME, answer, when);
    },
  };
}

import { isFailure } from '../jobs/failures.ts';
import type { Job } from '../upstream/job.ts';
import type { QbraidClient } from '../upstream/qbraid-client.ts';
import type { Invalidations } from './cache/invalidations.ts';
import type { CachedJob, JobCache } from './cache/job-cache.ts';
import { type FreshnessLimits, freshnessOf } from './freshness.ts';
import type { Resource } from './read-through.ts';

export interface JobResourceParts {
  readonly client: Pick<QbraidClient, 'getJob'>;
  readonly jobs: JobCache;
  readonly invalidations: Pick<Invalidations, 'ofJob'>;
  readonly freshness: FreshnessLimits;
}

/** Single jobs, by QRN. */
export function jobResource({
  client,
  jobs,
  invalidations,
  freshness,
}: JobResourceParts): Resource<string, Job, CachedJob> {
  return {
    name: 'job',
    nameOf: (qrn) => qrn,
    freshMs: ({ value }) => freshnessOf(value, freshness),
    // A refusal of long ago is no answer, and what it replaced is gone.
    mayBeStale: ({ value }) => !isFailure(value),
    former(partition, qrn) {
      const known = jobs.lookup(partition, qrn)?.value;
      return known === undefined || isFailure(known) ? null : known.job;
    },
    fetch: (key, qrn, asker, former) => client.getJob(key, qrn, asker, former),
    // Also in place of the job as it was seen before: the key may not see it any more.
    isAnswer: ({ kind }) => kind === 'forbidden' || kind === 'not-found',
    changedSeq: (partition, qrn) => invalidations.ofJob(partition, qrn).seq,
    lookup(partition, qrn, since) {
      const known = jobs.lookup(partition, qrn);
      return known !== null && known.askedSeq > since ? known : null;
    },
    keep: (partition, qrn, answer, when) => jobs.keep(partition, qrn, answer, when),
  };
}

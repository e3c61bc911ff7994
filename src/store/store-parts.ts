import type { Clock } from '../lib/clock.ts';
import type { QbraidClient } from '../upstream/qbraid-client.ts';
import type { Admission } from './admission/admission.ts';
import type { JobCache } from './cache/job-cache.ts';
import type { FreshnessLimits } from './freshness.ts';

/** What the readers of the job store share. */
export interface StoreParts {
  readonly client: QbraidClient;
  readonly clock: Clock;
  readonly memory: JobCache;
  readonly admission: Admission;
  readonly freshness: FreshnessLimits;
}

import type { Clock } from '../lib/clock.ts';
import type { QbraidClient } from '../upstream/qbraid-client.ts';
import type { Gatekeeper } from './admission/gatekeeper.ts';
import type { JobMemory } from './cache/job-memory.ts';
import type { FreshnessLimits } from './freshness.ts';

/** What the readers of the job store share. */
export interface StoreParts {
  readonly client: QbraidClient;
  readonly clock: Clock;
  readonly memory: JobMemory;
  readonly gatekeeper: Gatekeeper;
  readonly freshness: FreshnessLimits;
}

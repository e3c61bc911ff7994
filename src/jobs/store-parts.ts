import type { ApiKey } from '../auth/api-key.ts';
import type { Clock } from '../lib/clock.ts';
import type { QbraidClient } from '../upstream/qbraid-client.ts';
import type { Flights } from './flights.ts';
import type { FreshnessLimits } from './freshness.ts';
import type { Gatekeeper } from './gatekeeper.ts';
import type { JobMemory } from './job-memory.ts';
import type { KeyAccount } from './key-account.ts';
import type { ReadScope } from './read-scope.ts';

/** What the readers of the job store share. */
export interface StoreParts {
  readonly client: QbraidClient;
  readonly clock: Clock;
  readonly memory: JobMemory;
  readonly flights: Flights;
  readonly gatekeeper: Gatekeeper;
  readonly freshness: FreshnessLimits;
}

/** Who reads: a key with its account, for one operation. */
export interface Reader {
  readonly key: ApiKey;
  readonly account: KeyAccount;
  readonly scope: ReadScope;
}

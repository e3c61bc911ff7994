import type { Admission } from './admission/admission.ts';
import type { KeyAccount } from './admission/key-account.ts';
import type { Ledger } from './admission/ledger.ts';
import type { LogicalClock } from './admission/logical-clock.ts';
import type { About, UpstreamPort } from './admission/upstream-port.ts';
import type { When } from './cache/partitioned-cache.ts';

/** How processes share a budget and what they read: what a store takes in place of the way upstream of its own. */
export interface FleetSeam {
  /** The time that all processes agree on, in milliseconds since the epoch. */
  nowMs(): number;

  /** Makes the ledger of a key: it knows of the requests of all processes. */
  newLedger(): Ledger;

  /** Makes the way upstream of the store. */
  openPort(parts: FleetSeamParts): UpstreamPort;
}

/** What the shared way upstream is made of. */
export interface FleetSeamParts {
  /** The way upstream of this process by itself, which knows what its own clients do. */
  readonly admission: Admission;
  readonly logicalClock: LogicalClock;
  /** Leaves in the cache what another process has read. Does nothing for a resource that is not known here. */
  readonly keep: (account: KeyAccount, about: About, answer: unknown, when: When) => void;
}

import { randomBytes } from 'node:crypto';
import type { Clock } from '../lib/clock.ts';
import type { BudgetLimits } from '../store/admission/request-budget.ts';
import type { FleetSeam } from '../store/fleet-seam.ts';
import { FleetLedger } from './fleet-ledger.ts';
import type { FleetLink } from './fleet-link.ts';
import { FleetPort } from './fleet-port.ts';
import { FleetTime } from './fleet-time.ts';
import type { FleetEvent } from './key-view.ts';

export interface FleetSeamOptions {
  readonly link: FleetLink;
  readonly clock: Clock;
  /** What upstream allows each key. */
  readonly limits: BudgetLimits;
  /** The first one seals, all of them open: one at least. */
  readonly secrets: readonly string[];
  /** The largest number of replicas. */
  readonly size: number;
  /** The name of this replica, in the letters of the link. @default one at random */
  readonly replica?: string;
  /** @default nobody */
  readonly observe?: (event: FleetEvent) => void;
}

/** The part of a budget that all replicas spend together. The rest is for when they cannot: each has its share of it. */
const SHARED_PART = 0.9;

/** How the replicas of a fleet share a budget and what they read over a link. */
export function createFleetSeam({
  link,
  clock,
  limits,
  secrets,
  size,
  ...options
}: FleetSeamOptions): FleetSeam {
  const { replica = newReplica(), observe = () => {} } = options;
  const time = new FleetTime(link, clock);
  const { shared, alone } = divide(limits, size);
  let names = 0;
  const newName = () => {
    names += 1;
    return `${replica}_${names.toString(36)}`;
  };
  return {
    nowMs: () => time.nowMs(),
    newLedger: () => new FleetLedger({ shared, alone, isShared: () => link.isUp }),
    openPort: (parts) =>
      new FleetPort({ ...parts, link, time, clock, limits: shared, secrets, newName, observe }),
  };
}

/** What replicas may spend of a budget together, and what each of so many may spend while they cannot count together. */
export function divide(limits: BudgetLimits, size: number) {
  const requests = Math.ceil(limits.requests * SHARED_PART);
  return {
    shared: { ...limits, requests },
    alone: { ...limits, requests: Math.floor((limits.requests - requests) / size) },
  };
}

/** A name that no other replica has. */
export function newReplica(): string {
  return randomBytes(9).toString('base64url');
}

import type { FleetConfig } from '../config/config.ts';
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';
import type { BudgetLimits } from '../store/admission/request-budget.ts';
import type { FleetSeam } from '../store/fleet-seam.ts';
import { createFleetSeam, divide, newReplica } from './create-fleet-seam.ts';
import type { FleetEvent } from './key-view.ts';
import { connectRedisLink } from './redis/connect-redis-link.ts';

export interface FleetOptions {
  readonly config: FleetConfig;
  /** What upstream allows each key. */
  readonly limits: BudgetLimits;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** The place of this replica in its fleet. */
export interface Fleet {
  readonly seam: FleetSeam;
  /** How it stands, for those who operate it. */
  report(): FleetReport;
  /** Closes the connections to the server. */
  close(): Promise<void>;
}

/** How a replica stands in its fleet, for the metrics. */
export interface FleetReport {
  /** Whether the server answers, so that replicas count together. */
  readonly isUp: boolean;
  /** Whether this replica hears what the others do, so that it need not ask before it shows what is cached. */
  readonly isListening: boolean;
  /** How often each happened since the start. */
  readonly events: Readonly<Record<FleetEvent, number>>;
}

/** Connects this process to the other replicas. Resolves also where the server does not answer: the link goes on trying. */
export async function connectFleet({ config, limits, clock, logger }: FleetOptions): Promise<Fleet> {
  const { redisUrl, secrets, size } = config;
  const replica = newReplica();
  if (divide(limits, size).alone.requests === 0) {
    const message =
      'FLEET_SIZE leaves no request for a replica while Redis is gone: set it to the most that ever run';
    logger.warn({ size }, message);
  }
  const link = await connectRedisLink({ url: redisUrl, replica, clock, logger });
  const events = { applied: 0, foreign: 0, waited: 0, alone: 0 };
  const observe = (event: FleetEvent) => {
    events[event] += 1;
  };
  return {
    seam: createFleetSeam({ link, clock, limits, secrets, size, replica, observe }),
    report: () => ({ isUp: link.isUp, isListening: link.isListening, events }),
    close: () => link.close(),
  };
}

import type { JobDevice } from './job.ts';

/** A device as the qBraid API describes it. Unset fields are null. */
export interface Device extends JobDevice {
  readonly statusMsg: string | null;
  /** How many jobs wait for it. */
  readonly queueDepth: number | null;
  /** The mean wait. The unit is not documented. */
  readonly avgQueueTime: number | null;
  readonly pricing: DevicePricing | null;
}

/** What a device costs, in credits: 100 are 1 US dollar. */
export interface DevicePricing {
  readonly perTask: number | null;
  readonly perShot: number | null;
  readonly perMinute: number | null;
}

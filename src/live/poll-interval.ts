/** How often watched jobs are polled at, in milliseconds. */
export interface PollLimits {
  readonly minIntervalMs: number;
  readonly maxIntervalMs: number;
}

/** For how long a job counts as new, in milliseconds. */
export const NEW_MS = 60_000;

const SLOWDOWN = 1.5;

/** The interval after `lastMs`: the shortest while there is something new, half as long again while there is not. */
export function nextIntervalMs(lastMs: number, isFast: boolean, limits: PollLimits): number {
  return isFast ? limits.minIntervalMs : Math.min(limits.maxIntervalMs, lastMs * SLOWDOWN);
}

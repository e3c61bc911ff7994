import type { JobStatus } from './job-status.ts';
import type { SeededRandom } from './seeded-random.ts';

/** A status that a job comes to, and when, in milliseconds since 1970. */
export interface JobStage {
  readonly status: JobStatus;
  readonly startsAtMs: number;
}

type Ending = 'COMPLETED' | 'FAILED' | 'CANCELLED' | 'HOLD' | 'UNKNOWN';
type Range = readonly [min: number, max: number];

const PERCENT_BY_ENDING: readonly (readonly [Ending, number])[] = [
  ['COMPLETED', 76],
  ['FAILED', 9],
  ['CANCELLED', 7],
  ['HOLD', 5],
  ['UNKNOWN', 3],
];

const SECONDS_ON_SIMULATOR: Partial<Record<JobStatus, Range>> = {
  INITIALIZING: [2, 6],
  VALIDATING: [3, 10],
  QUEUED: [5, 60],
  RUNNING: [5, 60],
  CANCELLING: [5, 20],
};

const SECONDS_ON_QPU: Partial<Record<JobStatus, Range>> = {
  ...SECONDS_ON_SIMULATOR,
  QUEUED: [360, 840],
  RUNNING: [20, 180],
};

/** Draws the stages of a job, from its creation to its end, in their order. */
export function drawJobStages(random: SeededRandom, createdAtMs: number, isForQpu: boolean): JobStage[] {
  const secondsByStatus = isForQpu ? SECONDS_ON_QPU : SECONDS_ON_SIMULATOR;
  let startsAtMs = createdAtMs;
  return statusesUpTo(drawEnding(random)).map((status) => {
    const stage = { status, startsAtMs };
    const [minSeconds, maxSeconds] = secondsByStatus[status] ?? [0, 0];
    startsAtMs += random.integer(minSeconds * 1000, maxSeconds * 1000);
    return stage;
  });
}

function drawEnding(random: SeededRandom): Ending {
  let percent = random.integer(1, 100);
  for (const [ending, share] of PERCENT_BY_ENDING) {
    if (percent <= share) return ending;
    percent -= share;
  }
  return 'COMPLETED';
}

function statusesUpTo(ending: Ending): JobStatus[] {
  const lastStage = ending === 'CANCELLED' ? 'CANCELLING' : 'RUNNING';
  return ['INITIALIZING', 'VALIDATING', 'QUEUED', lastStage, ending];
}

/** How many jobs one cycle holds: a batch, its parts, and single jobs. */
export const JOBS_PER_CYCLE = 12;

/** How many parts a batch has. */
export const PARTS_PER_BATCH = 4;

const CYCLE_MS = 12 * 60_000;
const SHARED_POSITIONS = [7, 10];

/** What the schedule says about the job with a certain index. */
export interface JobSlot {
  /** When the slot begins, in milliseconds since 1970; it lasts to the beginning of the next one. */
  readonly startsAtMs: number;
  readonly durationMs: number;
  /** Whether the job is a batch. */
  readonly isBatch: boolean;
  /** Which part of its batch the job is, counted from 1; null where it is not a part. */
  readonly partNumber: number | null;
  /** Whether the job is the team's, for a key that has a team. */
  readonly isShared: boolean;
  /** Whether the job goes to a machine, not a simulator. */
  readonly isForQpu: boolean;
}

/**
 * Reads the schedule: jobs are counted since 1970, in cycles that begin with a batch and its parts in one second and
 * go on with single jobs at even distances. Every second job is for a machine, which keeps it for longer than the next
 * such job takes to come: so there is always a job under way.
 */
export function toJobSlot(index: number): JobSlot {
  const cycle = Math.floor(index / JOBS_PER_CYCLE);
  const position = index - cycle * JOBS_PER_CYCLE;
  const isInBatch = position <= PARTS_PER_BATCH;
  const singleMs = CYCLE_MS / (JOBS_PER_CYCLE - PARTS_PER_BATCH);
  const partMs = 200;
  return {
    startsAtMs: cycle * CYCLE_MS + (isInBatch ? position * partMs : (position - PARTS_PER_BATCH) * singleMs),
    durationMs: isInBatch ? partMs : singleMs,
    isBatch: position === 0,
    partNumber: isInBatch && position > 0 ? position : null,
    isShared: SHARED_POSITIONS.includes(position),
    isForQpu: (cycle + position) % 2 === 1,
  };
}

/** The greatest index whose slot has begun at this instant. */
export function latestIndexAt(nowMs: number): number {
  let index = (Math.floor(nowMs / CYCLE_MS) + 1) * JOBS_PER_CYCLE - 1;
  while (toJobSlot(index).startsAtMs > nowMs) index -= 1;
  return index;
}

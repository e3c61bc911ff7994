import type { JobCancellations } from './job-cancellations.ts';
import { type JobPlan, planJob } from './job-plan.ts';
import { JOBS_PER_CYCLE, latestIndexAt, toJobSlot } from './job-slot.ts';
import type { SandboxKey } from './sandbox-keys.ts';

/** The jobs that one key may see. */
export interface JobHistory {
  /** Those in the list of the key at this instant, newest first. */
  listAt(nowMs: number): readonly JobPlan[];
  /** The one with this QRN, if the key may see it at this instant. */
  findAt(qrn: string, nowMs: number): JobPlan | undefined;
}

/** What a history is made from. */
interface JobHistoryOptions {
  readonly seed: number;
  /** How many jobs the key has at `startMs`: a positive integer. */
  readonly jobsPerKey: number;
  /** In milliseconds since 1970. */
  readonly startMs: number;
  readonly cancellations: JobCancellations;
}

/**
 * Makes the history of a key. Throws a `RangeError` if `jobsPerKey` is not a positive integer.
 *
 * The list grows with each submission; when it has doubled, it loses the older half. What left the list less than a
 * cycle ago can still be found, so that each job's batch can.
 *
 * Keeps the plan of each job that can be found, by index: at most twice `jobsPerKey` and a cycle, for this key alone.
 */
export function createJobHistory(key: SandboxKey, options: JobHistoryOptions): JobHistory {
  const { seed, jobsPerKey, startMs, cancellations } = options;
  if (!Number.isInteger(jobsPerKey) || jobsPerKey < 1) {
    throw new RangeError(`jobsPerKey must be a positive integer, got ${jobsPerKey}`);
  }
  let plans = new Map<number, JobPlan>();
  let newestPlanned = Number.NaN;
  const newestAtStart = newestIndexAt(startMs);

  function planAt(index: number): JobPlan {
    const isShared = key.team !== null && toJobSlot(index).isShared;
    const owner = isShared ? `team ${key.team}` : `key ${key.label}`;
    return plans.get(index) ?? planJob({ seed, owner, index });
  }

  function newestIndexAt(nowMs: number): number {
    const index = latestIndexAt(nowMs);
    return planAt(index).createdAtMs <= nowMs ? index : index - 1;
  }

  function windowAt(nowMs: number) {
    const newest = newestIndexAt(nowMs);
    const grownBy = (newest - newestAtStart) % jobsPerKey;
    const listedCount = jobsPerKey + (grownBy < 0 ? grownBy + jobsPerKey : grownBy);
    if (newest !== newestPlanned) {
      const indexes = Array.from({ length: listedCount + JOBS_PER_CYCLE }, (_, age) => newest - age);
      plans = new Map(indexes.map((index) => [index, planAt(index)]));
      newestPlanned = newest;
    }
    return { findable: [...plans.values()], listedCount };
  }

  return {
    listAt(nowMs) {
      const { findable, listedCount } = windowAt(nowMs);
      return findable.slice(0, listedCount).map((plan) => cancellations.revise(plan, nowMs));
    },
    findAt(qrn, nowMs) {
      const plan = windowAt(nowMs).findable.find((candidate) => candidate.qrn === qrn);
      return plan && cancellations.revise(plan, nowMs);
    },
  };
}

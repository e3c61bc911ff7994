import type { JobPlan } from './job-plan.ts';
import type { JobStage } from './job-stages.ts';
import type { JobStatus } from './job-status.ts';

/** A job as it stands at one instant. Instants are in milliseconds since 1970. */
export interface JobState {
  readonly plan: JobPlan;
  readonly status: JobStatus;
  readonly statusMsg: string | null;
  readonly queuePosition: number | null;
  /** When anything of the job last changed. */
  readonly updatedAtMs: number;
  /** When the last status began in which the job was still under way. */
  readonly activeSinceMs: number;
  readonly endedAtMs: number | null;
  readonly executionDurationMs: number | null;
  /** In credits. */
  readonly cost: number | null;
}

const ENDED: readonly JobStatus[] = ['COMPLETED', 'FAILED', 'CANCELLED', 'HOLD'];

const MESSAGES: Partial<Record<JobStatus, string>> = {
  CANCELLED: 'Cancelled by the user.',
  FAILED: 'The device could not run the program.',
  HOLD: 'The result is withheld: the account needs credits.',
  UNKNOWN: 'The vendor does not say what became of the job.',
};

/** Reads a job's plan at an instant. Throws a `RangeError` if the job is not created by then. */
export function toJobState(plan: JobPlan, nowMs: number): JobState {
  const stageIndex = plan.stages.findLastIndex(({ startsAtMs }) => startsAtMs <= nowMs);
  const stage = plan.stages[stageIndex];
  if (!stage) throw new RangeError(`${plan.qrn} is created at ${plan.createdAtMs}, got the earlier ${nowMs}`);

  const hasEnded = ENDED.includes(stage.status);
  const previousStage = plan.stages[stageIndex - 1] ?? stage;
  const queue = toQueueState(plan, stage, nowMs);
  return {
    plan,
    status: stage.status,
    statusMsg: MESSAGES[stage.status] ?? null,
    queuePosition: queue?.position ?? null,
    updatedAtMs: queue?.movedAtMs ?? stage.startsAtMs,
    activeSinceMs: hasEnded ? previousStage.startsAtMs : stage.startsAtMs,
    endedAtMs: hasEnded ? stage.startsAtMs : null,
    executionDurationMs:
      hasEnded && previousStage.status === 'RUNNING' ? stage.startsAtMs - previousStage.startsAtMs : null,
    cost: toCost(plan, stage.status),
  };
}

/** The queue moves up one place at a time, at even distances, until nobody is in front. */
function toQueueState(plan: JobPlan, stage: JobStage, nowMs: number) {
  const nextStage = plan.stages[plan.stages.indexOf(stage) + 1];
  if (stage.status !== 'QUEUED' || !nextStage) return null;
  const placeMs = (nextStage.startsAtMs - stage.startsAtMs) / (plan.queueLength + 1);
  const placesMoved = Math.floor((nowMs - stage.startsAtMs) / placeMs);
  return {
    position: plan.queueLength - placesMoved,
    movedAtMs: Math.floor(stage.startsAtMs + placesMoved * placeMs),
  };
}

function toCost(plan: JobPlan, status: JobStatus): number | null {
  if (status === 'COMPLETED' || status === 'HOLD') return plan.finalCost;
  return ENDED.includes(status) ? 0 : null;
}

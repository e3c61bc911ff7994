import type { JobPlan } from './job-plan.ts';
import type { JobStatus } from './job-status.ts';
import { Refusal } from './refusal.ts';
import { createSeededRandom } from './seeded-random.ts';

/** What clients have cancelled. */
export interface JobCancellations {
  /**
   * Cancels a job that has this plan and this status. Throws a `Refusal`: 409 while it cannot be cancelled yet or is
   * being cancelled, 400 once it has ended.
   */
  request(plan: JobPlan, status: JobStatus, nowMs: number): void;
  /** The plan of a job as the cancellations up to this instant have left it. */
  revise(plan: JobPlan, nowMs: number): JobPlan;
}

const CANCELLABLE: readonly JobStatus[] = ['VALIDATING', 'QUEUED', 'RUNNING', 'UNKNOWN'];
const TOO_EARLY_OR_TWICE: readonly JobStatus[] = ['INITIALIZING', 'CANCELLING'];

/** More cancellations than jobs that can be read: what is forgotten has left every list. */
const MAX_CANCELLATIONS = 10_000;

/** Makes the memory of cancellations: the instants of the newest 10,000, by QRN. A cancelled batch takes its parts along. */
export function createJobCancellations(): JobCancellations {
  const requestedAtMs = new Map<string, number>();

  return {
    request({ qrn }, status, nowMs) {
      if (TOO_EARLY_OR_TWICE.includes(status)) {
        throw new Refusal(409, 'CONFLICT', `The job is ${status} and cannot be cancelled now`);
      }
      if (!CANCELLABLE.includes(status)) {
        throw new Refusal(400, 'BAD_REQUEST', `The job is ${status} and cannot be cancelled`);
      }
      requestedAtMs.set(qrn, nowMs);
      const [oldest] = requestedAtMs.keys();
      if (requestedAtMs.size > MAX_CANCELLATIONS && oldest !== undefined) requestedAtMs.delete(oldest);
    },

    revise(plan, nowMs) {
      const instants = [plan.qrn, plan.batchQrn ?? ''].flatMap((qrn) => requestedAtMs.get(qrn) ?? []);
      const cancelledAtMs = Math.min(...instants, Number.POSITIVE_INFINITY);
      if (nowMs < cancelledAtMs) return plan;
      const stages = plan.stages.filter(({ startsAtMs }) => startsAtMs <= cancelledAtMs);
      // A part may have ended before its batch was cancelled.
      if (!CANCELLABLE.includes(stages.at(-1)?.status ?? 'CANCELLED')) return plan;
      const endsAtMs = cancelledAtMs + createSeededRandom(`${plan.qrn}/cancel`).integer(5000, 20_000);
      return {
        ...plan,
        stages: [
          ...stages,
          { status: 'CANCELLING', startsAtMs: cancelledAtMs },
          { status: 'CANCELLED', startsAtMs: endsAtMs },
        ],
      };
    },
  };
}

import type { components } from '../upstream/qbraid.generated.ts';
import { drawCounts } from './draw-counts.ts';
import type { JobPlan } from './job-plan.ts';
import type { JobState } from './job-state.ts';
import { Refusal } from './refusal.ts';

type ResultData = components['schemas']['ResultData'];

/** How long after its end a job's result is ready. */
const RESULT_DELAY_MS = 2000;

/**
 * Reads what a job measured. Throws a `Refusal`: 409 until two seconds after its completion, 404 if it ended without a
 * result, 403 if the result is withheld.
 */
export function toResultData({ plan, status, endedAtMs }: JobState, nowMs: number): ResultData {
  if (status === 'FAILED' || status === 'CANCELLED') {
    throw new Refusal(404, 'NOT_FOUND', `The job is ${status} and has no result`);
  }
  if (status === 'HOLD')
    throw new Refusal(403, 'FORBIDDEN', 'The result is withheld: the account needs credits');
  if (status !== 'COMPLETED' || endedAtMs === null || nowMs < endedAtMs + RESULT_DELAY_MS) {
    throw new Refusal(409, 'CONFLICT', 'The result is not ready yet');
  }
  return measure(plan);
}

function measure(plan: JobPlan): ResultData {
  // A part is the circuit of its batch with the same number.
  const ofBatch = plan.batchQrn === null ? plan : { ...plan, qrn: plan.batchQrn };
  const counts = Array.from({ length: plan.numCircuits }, (_, index) =>
    drawCounts(ofBatch, plan.partNumber ?? index + 1),
  );
  if (plan.device.experimentType === 'annealing') return { solutions: onlyOrAll(counts.map(toSolutions)) };
  return { measurementCounts: onlyOrAll(counts) };
}

/** What one circuit measured stands alone; what several measured is a list. */
function onlyOrAll<T>(measured: readonly T[]): T | T[] {
  const [only, ...others] = measured;
  return only === undefined || others.length > 0 ? [...measured] : only;
}

/** Annealers look for the least energy: what they find most often is taken for the best. */
function toSolutions(counts: Readonly<Record<string, number>>) {
  return Object.entries(counts)
    .sort(([, one], [, other]) => other - one)
    .map(([sample, numOccurrences], rank) => ({ sample, energy: rank / 4 - sample.length, numOccurrences }));
}

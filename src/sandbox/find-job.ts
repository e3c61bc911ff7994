import { assertQrn } from './assert-qrn.ts';
import type { JobHistory } from './job-history.ts';
import { type JobState, toJobState } from './job-state.ts';
import { Refusal } from './refusal.ts';

/**
 * Finds the job with this QRN in a key's own history. Throws a `Refusal`: 422 where no job can be called that, 403
 * where only another key's history has it, 404 where none has.
 */
export function findJob(qrn: string, own: JobHistory, all: readonly JobHistory[], nowMs: number): JobState {
  assertQrn(qrn, 'job_qrn');
  const plan = own.findAt(qrn, nowMs);
  if (plan) return toJobState(plan, nowMs);
  if (all.some((history) => history.findAt(qrn, nowMs))) {
    throw new Refusal(403, 'FORBIDDEN', 'You do not have permission to access this job');
  }
  throw new Refusal(404, 'NOT_FOUND', 'Job not found');
}

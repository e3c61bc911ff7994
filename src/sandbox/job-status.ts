import type { components } from '../upstream/qbraid.generated.ts';

/** A documented status. */
export type JobStatus = components['schemas']['JobStatus'];

/** The documented statuses. */
export const jobStatuses: readonly JobStatus[] = [
  'INITIALIZING',
  'QUEUED',
  'VALIDATING',
  'RUNNING',
  'CANCELLING',
  'CANCELLED',
  'COMPLETED',
  'FAILED',
  'UNKNOWN',
  'HOLD',
];

const JOB_STATUSES = [
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
] as const;

/** Where a job stands. `UNKNOWN` also stands for every status that the service may add. */
export type JobStatus = (typeof JOB_STATUSES)[number];

/** Whether `text` is a status of the published contract. */
export function isJobStatus(text: string): text is JobStatus {
  return (JOB_STATUSES as readonly string[]).includes(text);
}

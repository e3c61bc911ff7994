/** A job as the service describes it, in one shape whichever shape it was sent in. What is not set is null. */
export interface Job {
  readonly qrn: string;
  readonly name: string | null;
  readonly status: JobStatus;
  readonly statusMsg: string | null;
  readonly shots: number | null;
  readonly numCircuits: number | null;
  readonly deviceQrn: string | null;
  readonly device: JobDevice | null;
  readonly vendor: string | null;
  readonly provider: string | null;
  readonly experimentType: string | null;
  readonly tags: Readonly<Record<string, unknown>>;
  readonly runtimeOptions: Readonly<Record<string, unknown>>;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly batchJobQrn: string | null;
  readonly queuePosition: number | null;
  readonly timeStamps: JobTimeStamps | null;
  /** The creation time that does not move; that of `timeStamps` where the service sends no other. */
  readonly createdAt: Date | null;
  readonly updatedAt: Date | null;
  /** Credits: 100 are 1 US dollar. */
  readonly cost: number | null;
  /** Credits: 100 are 1 US dollar. */
  readonly estimatedCost: number | null;
}

export interface JobDevice {
  readonly qrn: string | null;
  readonly name: string | null;
  readonly deviceType: string | null;
  readonly vendor: string | null;
  readonly status: string | null;
}

export interface JobTimeStamps {
  /** Moves while the job runs: never order by it where `Job.createdAt` differs. */
  readonly createdAt: Date | null;
  readonly endedAt: Date | null;
  /** Milliseconds. */
  readonly executionDuration: number | null;
}

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

/** A job as the qBraid API describes it. The documented and the recorded shape become this one. Unset fields are null. */
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
  /** The creation time that does not change. If upstream sends none, it is that of `timeStamps`. */
  readonly createdAt: Date | null;
  readonly updatedAt: Date | null;
  /** Credits: 100 are 1 US dollar. */
  readonly cost: number | null;
  /** Credits: 100 are 1 US dollar. */
  readonly estimatedCost: number | null;
}

/** The device of a job, as the job itself tells of it: null is what the qBraid API left out. */
export interface JobDevice {
  readonly qrn: string | null;
  readonly name: string | null;
  readonly deviceType: string | null;
  readonly vendor: string | null;
  readonly status: string | null;
}

/** When a job was made and ended, and how long it ran: null is what is not known, or not yet. */
export interface JobTimeStamps {
  /** Changes while the job runs: never order by it where `Job.createdAt` differs. */
  readonly createdAt: Date | null;
  readonly endedAt: Date | null;
  /** Milliseconds. */
  readonly executionDuration: number | null;
}

/** Every status that the published contract lists, in its order. */
export const JOB_STATUSES = [
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

/** What upstream says of a job when it is asked to cancel it. */
export interface Cancellation {
  /** How far the job has come by then: null where upstream does not say that it is being cancelled, or was. */
  readonly status: CancelStatus | null;
}

/** The statuses of a job that is being cancelled, and of one that was. */
export type CancelStatus = 'CANCELLING' | 'CANCELLED';

/** The status of a job. `UNKNOWN` also stands for every status that the qBraid API may add. */
export type JobStatus = (typeof JOB_STATUSES)[number];

/** Whether the published contract lists this status. */
export function isJobStatus(text: string): text is JobStatus {
  return (JOB_STATUSES as readonly string[]).includes(text);
}

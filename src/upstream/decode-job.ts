import { z } from 'zod';
import { isPlainObject } from '../lib/is-plain-object.ts';
import { isJobStatus, type Job, type JobStatus } from './job.ts';

/** A job, and its status as upstream sent it if the contract does not list that status. */
export interface DecodedJob {
  readonly job: Job;
  readonly unknownStatus: string | null;
}

/**
 * Decodes a job in the documented or the recorded shape. Absent and null are the same. Internal fields are dropped.
 * Values that the contract's enumerations do not list are kept.
 *
 * @returns null if `raw` is no job: it has no QRN or no status, or a field has another type than the contract says.
 */
export function decodeJob(raw: unknown): DecodedJob | null {
  const result = runtimeJob.safeParse(raw);
  if (!result.success) return null;

  const { jobQrn, groupJobQrn, batchJobQrn, status, createdAt, ...fields } = result.data;
  const job: Job = {
    ...fields,
    qrn: jobQrn,
    batchJobQrn: batchJobQrn ?? groupJobQrn,
    status: toJobStatus(status),
    createdAt: createdAt ?? fields.timeStamps?.createdAt ?? null,
  };
  return { job, unknownStatus: isJobStatus(status) ? null : status };
}

/** A status that is not in the contract is UNKNOWN, never a fault. */
function toJobStatus(status: string): JobStatus {
  return isJobStatus(status) ? status : 'UNKNOWN';
}

/** No real tags or options nest so deep. A much deeper value exhausts the stack of whoever serializes it. */
const MAX_DEPTH = 64;

/** Whether objects and arrays nest deeper in a JSON value than in any real job. */
export function isTooDeep(value: unknown, depth = MAX_DEPTH): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return depth === 0 || Object.values(value).some((child) => isTooDeep(child, depth - 1));
}

const optional = <T extends z.ZodType>(type: T) => type.nullish().transform((value) => value ?? null);

const text = optional(z.string());

/** An empty name counts as no name. */
const name = optional(z.string().transform((value) => value || null));

/** Another route of the qBraid API sends numbers as decimal text. */
const number = z.union([
  z.number(),
  z
    .string()
    .regex(/^-?\d+(\.\d+)?$/)
    .transform(Number),
]);

const credits = optional(number);

/** The contract says that these numbers are whole. Others are rounded, not refused. */
const wholeNumber = optional(number.transform(Math.round).refine(Number.isSafeInteger));

/** Not copied: a copy would lose names such as `__proto__`, and cost time for each job of a list. */
const object = z
  .custom<Record<string, unknown>>((value) => isPlainObject(value) && !isTooDeep(value))
  .nullish()
  .transform((value) => value ?? {});

/** Seconds have up to nine decimals. Without a zone, the instant is in UTC. */
const RFC_3339 = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:?\d\d)?$/i;

const instant = optional(
  z.string().transform((value, context) => {
    const [, , zone] = RFC_3339.exec(value) ?? [value, undefined, null];
    const date = new Date(zone === undefined ? `${value}Z` : value);
    if (zone === null || Number.isNaN(date.getTime())) {
      context.addIssue('not an RFC 3339 instant');
      return z.NEVER;
    }
    return date;
  }),
);

const device = optional(z.object({ qrn: text, name: text, deviceType: text, vendor: text, status: text }));

const timeStamps = optional(
  z.object({ createdAt: instant, endedAt: instant, executionDuration: wholeNumber }),
);

const runtimeJob = z.object({
  jobQrn: z.string().min(1),
  name: text,
  status: z.string().min(1),
  statusMsg: text,
  shots: wholeNumber,
  numCircuits: wholeNumber,
  deviceQrn: text,
  device,
  vendor: text,
  provider: text,
  experimentType: text,
  tags: object,
  runtimeOptions: object,
  metadata: object,
  batchJobQrn: name,
  groupJobQrn: name,
  queuePosition: wholeNumber,
  timeStamps,
  createdAt: instant,
  updatedAt: instant,
  cost: credits,
  estimatedCost: credits,
});

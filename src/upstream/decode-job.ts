import { z } from 'zod';
import { isPlainObject } from '../lib/is-plain-object.ts';
import { isJobStatus, type Job, type JobStatus } from './job.ts';

/** A job, and the status it came with where that is none of the contract's. */
export interface DecodedJob {
  readonly job: Job;
  readonly unknownStatus: string | null;
}

/**
 * Reads a job in the documented or the recorded shape. Absent and null are the same, fields that are not the
 * gateway's to show are dropped, values that enumerations do not list are kept.
 *
 * @returns null where `raw` is no job: no QRN or status, or a field of another type than the contract says.
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

/** The service's statuses are upper case; one that is not in the contract is UNKNOWN, never a fault. */
function toJobStatus(status: string): JobStatus {
  return isJobStatus(status) ? status : 'UNKNOWN';
}

/** No tags or options nest so deep; what nests much deeper exhausts the stack of whoever writes it out again. */
const MAX_DEPTH = 64;

/** Whether the objects and arrays of a JSON value stand deeper in each other than in any job that is meant. */
export function isTooDeep(value: unknown, depth = MAX_DEPTH): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return depth === 0 || Object.values(value).some((child) => isTooDeep(child, depth - 1));
}

const optional = <T extends z.ZodType>(type: T) => type.nullish().transform((value) => value ?? null);

const text = optional(z.string());

/** An empty name is none. */
const name = optional(z.string().transform((value) => value || null));

/** Numbers are sent as decimal text on a sister route. */
const number = z.union([
  z.number(),
  z
    .string()
    .regex(/^-?\d+(\.\d+)?$/)
    .transform(Number),
]);

const credits = optional(number);

/** Durations are whole in the contract, and cost nothing to round where they are not. */
const wholeNumber = optional(number.transform(Math.round).refine(Number.isSafeInteger));

/** Passed on as it is: a copy would lose names such as `__proto__`, and cost time on every job of a list. */
const object = z
  .custom<Record<string, unknown>>((value) => isPlainObject(value) && !isTooDeep(value))
  .nullish()
  .transform((value) => value ?? {});

/** Zero to nine digits of a second, with or without a zone; without one it is UTC. */
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

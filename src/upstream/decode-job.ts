import { isPlainObject } from '../lib/is-plain-object.ts';
import { toJobDevice } from './decode-device.ts';
import {
  isUnset,
  MISFIT,
  orNull,
  type Raw,
  toNumber,
  toObject,
  toText,
  toWholeNumber,
} from './decode-values.ts';
import { isJobStatus, type Job, type JobDevice, type JobStatus, type JobTimeStamps } from './job.ts';

/** A job, and its status as upstream sent it if the contract does not list that status. */
export interface DecodedJob {
  readonly job: Job;
  readonly unknownStatus: string | null;
}

/**
 * Decodes a job in the documented or the recorded shape. Absent and null are the same. Internal fields are dropped.
 * Values that the contract's enumerations do not list are kept.
 *
 * Written by hand: a schema library takes several times as long, and lists hold many jobs.
 *
 * @returns null if `raw` is no job: it has no QRN or no status, or a field has another type than the contract says.
 */
export function decodeJob(raw: unknown): DecodedJob | null {
  if (!isPlainObject(raw)) return null;
  const { jobQrn, status } = raw;
  if (typeof jobQrn !== 'string' || jobQrn === '' || typeof status !== 'string' || status === '') return null;
  return orNull(() => ({
    job: toJob(raw, jobQrn, status),
    unknownStatus: isJobStatus(status) ? null : status,
  }));
}

function toJob(raw: Raw, qrn: string, status: string): Job {
  const timeStamps = toTimeStamps(raw['timeStamps']);
  return {
    qrn,
    name: toText(raw['name']),
    status: toJobStatus(status),
    statusMsg: toText(raw['statusMsg']),
    shots: toWholeNumber(raw['shots']),
    numCircuits: toWholeNumber(raw['numCircuits']),
    deviceQrn: toText(raw['deviceQrn']),
    device: toDevice(raw['device']),
    vendor: toText(raw['vendor']),
    provider: toText(raw['provider']),
    experimentType: toText(raw['experimentType']),
    tags: toObject(raw['tags']),
    runtimeOptions: toObject(raw['runtimeOptions']),
    metadata: toObject(raw['metadata']),
    batchJobQrn: toBatch(raw['batchJobQrn'], raw['groupJobQrn']),
    queuePosition: toWholeNumber(raw['queuePosition']),
    timeStamps,
    createdAt: toInstant(raw['createdAt']) ?? timeStamps?.createdAt ?? null,
    updatedAt: toInstant(raw['updatedAt']),
    cost: toNumber(raw['cost']),
    estimatedCost: toNumber(raw['estimatedCost']),
  };
}

function toDevice(raw: unknown): JobDevice | null {
  if (isUnset(raw)) return null;
  if (!isPlainObject(raw)) throw MISFIT;
  return toJobDevice(raw);
}

function toTimeStamps(raw: unknown): JobTimeStamps | null {
  if (isUnset(raw)) return null;
  if (!isPlainObject(raw)) throw MISFIT;
  return {
    createdAt: toInstant(raw['createdAt']),
    endedAt: toInstant(raw['endedAt']),
    executionDuration: toWholeNumber(raw['executionDuration']),
  };
}

/** A status that is not in the contract is UNKNOWN, never a fault. */
function toJobStatus(status: string): JobStatus {
  return isJobStatus(status) ? status : 'UNKNOWN';
}

/** An empty name counts as no name. */
function toBatch(batch: unknown, group: unknown): string | null {
  const [batchQrn, groupQrn] = [toText(batch), toText(group)];
  return batchQrn || groupQrn || null;
}

/** Seconds have up to nine decimals. Without a zone, the instant is in UTC. */
const RFC_3339 = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:?\d\d)?$/i;

/** The years that RFC 3339 can write. In UTC, a time with a zone may be in another one. */
const FIRST_INSTANT = Date.parse('0000-01-01T00:00:00Z');
const LAST_INSTANT = Date.parse('9999-12-31T23:59:59.999Z');

function toInstant(value: unknown): Date | null {
  if (isUnset(value)) return null;
  const match = typeof value === 'string' ? RFC_3339.exec(value) : null;
  if (match === null) throw MISFIT;
  const [text, , zone] = match;
  const date = new Date(zone === undefined ? `${text}Z` : text);
  const time = date.getTime();
  if (!(time >= FIRST_INSTANT && time <= LAST_INSTANT)) throw MISFIT;
  return date;
}

import { isPlainObject } from '../lib/is-plain-object.ts';
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
  try {
    return { job: toJob(raw, jobQrn, status), unknownStatus: isJobStatus(status) ? null : status };
  } catch (error) {
    if (error === MISFIT) return null;
    throw error;
  }
}

/** No real tags or options nest so deep. A much deeper value exhausts the stack of whoever serializes it. */
const MAX_DEPTH = 64;

/** Whether objects and arrays nest deeper in a JSON value than in any real job. */
export function isTooDeep(value: unknown, depth = MAX_DEPTH): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (depth === 0) return true;
  // What JSON makes inherits no properties, and a list of them would be made for nothing.
  for (const name in value) if (isTooDeep((value as Raw)[name], depth - 1)) return true;
  return false;
}

type Raw = Readonly<Record<string, unknown>>;

/** Is thrown where a value has another type than the contract says. One for all: a stack trace would take time. */
const MISFIT = new TypeError('The value has another type than the contract says.');

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
  return {
    qrn: toText(raw['qrn']),
    name: toText(raw['name']),
    deviceType: toText(raw['deviceType']),
    vendor: toText(raw['vendor']),
    status: toText(raw['status']),
  };
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

function isUnset(value: unknown): value is null | undefined {
  return value === undefined || value === null;
}

function toText(value: unknown): string | null {
  if (typeof value === 'string') return value;
  if (isUnset(value)) return null;
  throw MISFIT;
}

const DECIMAL = /^-?\d+(\.\d+)?$/;

/** Another route of the qBraid API sends numbers as decimal text. */
function toNumber(value: unknown): number | null {
  if (isUnset(value)) return null;
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  if (typeof value === 'string' && DECIMAL.test(value)) return Number(value);
  throw MISFIT;
}

/** The contract says that these numbers are whole. Others are rounded, not refused. */
function toWholeNumber(value: unknown): number | null {
  const number = toNumber(value);
  if (number === null) return null;
  const rounded = Math.round(number);
  if (!Number.isSafeInteger(rounded)) throw MISFIT;
  return rounded;
}

/** Not copied: a copy would lose names such as `__proto__`, and cost time for each job of a list. */
function toObject(value: unknown): Raw {
  if (isUnset(value)) return {};
  if (!isPlainObject(value) || isTooDeep(value)) throw MISFIT;
  return value;
}

/** Seconds have up to nine decimals. Without a zone, the instant is in UTC. */
const RFC_3339 = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:?\d\d)?$/i;

function toInstant(value: unknown): Date | null {
  if (isUnset(value)) return null;
  const match = typeof value === 'string' ? RFC_3339.exec(value) : null;
  if (match === null) throw MISFIT;
  const [text, , zone] = match;
  const date = new Date(zone === undefined ? `${text}Z` : text);
  if (Number.isNaN(date.getTime())) throw MISFIT;
  return date;
}

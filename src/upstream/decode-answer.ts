import { isPlainObject } from '../lib/is-plain-object.ts';
import { decodeDevice } from './decode-device.ts';
import { decodeJob } from './decode-job.ts';
import { decodeJobCounts } from './decode-job-counts.ts';
import { decodeJobResult } from './decode-job-result.ts';
import { isTooDeep, MAX_INT } from './decode-values.ts';
import type { Device } from './device.ts';
import type { Cancellation, Job } from './job.ts';
import type { JobCounts } from './job-counts.ts';
import type { JobPage, ListedJob, PageRequest } from './job-list.ts';
import type { JobResultData } from './job-result.ts';
import { invalidResponse, UpstreamError } from './upstream-error.ts';

type Body = Readonly<Record<string, unknown>>;

/** What the decoders need to know about an answer besides its body. */
export interface DecodeContext {
  /** The HTTP status of the answer. Errors about the answer name it. */
  readonly status: number;
  /** The size of its body, in bytes. */
  readonly bytes: number;
  readonly onUnknownStatus: (status: string) => void;
}

/**
 * Decodes the answer of `GET /jobs/{qrn}`.
 *
 * @throws {UpstreamError} if the job cannot be read, or is not the job `qrn`.
 */
export function decodeJobAnswer(body: Body, qrn: string, context: DecodeContext): Job {
  const job = decodeOrExplain(body['data'], context);
  if (job instanceof UpstreamError) throw job;
  if (job.qrn !== qrn)
    throw invalid('The qBraid API answered about another job than the one asked for.', context);
  return job;
}

/**
 * Decodes the answer of `GET /jobs`. A place that cannot be read holds its own error.
 *
 * @throws {UpstreamError} if the list cannot be read, or is not the requested page. A page with another number or length
 *   would shift every place behind it.
 */
export function decodeListAnswer(body: Body, page: PageRequest, context: DecodeContext): JobPage {
  const { data, pagination } = body;
  if (!Array.isArray(data) || !isPlainObject(pagination) || !isCount(pagination['total'])) {
    throw invalid('The qBraid API sent a list that cannot be read.', context);
  }
  const isThisPage = isAbsentOr(page.page, pagination['page']) && isAbsentOr(page.limit, pagination['limit']);
  if (!isThisPage || data.length > page.limit) {
    throw invalid('The qBraid API sent another page than the one asked for.', context);
  }
  if (!isOfTotal(data.length, pagination['total'], page)) {
    throw invalid('The qBraid API sent fewer or more jobs than it says there are.', context);
  }
  const items = data.map((raw): ListedJob => {
    const { identity, isNamed } = identify(raw);
    return { identity, isNamed, job: decodeOrExplain(raw, context) };
  });
  return { items, total: pagination['total'] };
}

/**
 * Decodes the answer of `GET /jobs/statuses`, in the envelope that other routes have, or without it.
 *
 * @throws {UpstreamError} if the numbers cannot be read.
 */
export function decodeCountsAnswer(body: Body, context: DecodeContext): JobCounts {
  const decoded = decodeJobCounts(openEnvelope(body));
  if (decoded === null) throw invalid('The qBraid API sent numbers of jobs that cannot be read.', context);
  decoded.unknownStatuses.forEach(context.onUnknownStatus);
  return decoded.counts;
}

/**
 * Decodes the answer of `GET /jobs/{qrn}/result`, in the envelope that other routes have, or without it.
 *
 * @throws {UpstreamError} if the result cannot be read.
 */
export function decodeResultAnswer(body: Body, context: DecodeContext): JobResultData {
  const result = decodeJobResult(openEnvelope(body)['resultData']);
  if (result === null) throw invalid('The qBraid API sent a result that cannot be read.', context);
  return { ...result, bytes: context.bytes };
}

/**
 * Decodes the answer of `GET /devices/{qrn}`, in the envelope that other routes have, or without it.
 *
 * @throws {UpstreamError} if the device cannot be read, or is not the device `qrn`.
 */
export function decodeDeviceAnswer(body: Body, qrn: string, context: DecodeContext): Device {
  const device = decodeDevice(openEnvelope(body));
  if (device === null) throw invalid('The qBraid API sent a device that cannot be read.', context);
  if (device.qrn !== null && device.qrn !== qrn)
    throw invalid('The qBraid API answered about another device than the one asked for.', context);
  return { ...device, qrn };
}

/** Decodes the answer of `POST /jobs/{qrn}/cancel`, in the envelope that other routes have, or without it. */
export function decodeCancelAnswer(body: Body): Cancellation {
  const { status } = openEnvelope(body);
  return { status: status === 'CANCELLING' || status === 'CANCELLED' ? status : null };
}

function openEnvelope({ data, success: _, ...bare }: Body): Body {
  return isPlainObject(data) ? data : bare;
}

function decodeOrExplain(raw: unknown, context: DecodeContext): Job | UpstreamError {
  const decoded = decodeJob(raw);
  if (decoded === null) return invalid('The qBraid API sent a job that cannot be read.', context);
  if (decoded.unknownStatus !== null) context.onUnknownStatus(decoded.unknownStatus);
  return decoded.job;
}

function invalid(message: string, { status }: DecodeContext): UpstreamError {
  return invalidResponse(message, { status });
}

function identify(raw: unknown): Omit<ListedJob, 'job'> {
  const qrn = isPlainObject(raw) ? raw['jobQrn'] : undefined;
  if (typeof qrn === 'string' && qrn !== '') return { identity: qrn, isNamed: true };
  return { identity: isTooDeep(raw) ? 'nested beyond reading' : JSON.stringify(raw), isNamed: false };
}

/** Upstream counts and lists the jobs at two moments. So many jobs may come or go between them. */
const MAX_CHANGED = 2;

/** Whether a page has as many jobs as a list of `total` has there. Otherwise the list would seem to end too early. */
function isOfTotal(length: number, total: number, { page, limit }: PageRequest): boolean {
  const expected = Math.max(0, Math.min(limit, total - (page - 1) * limit));
  return Math.abs(length - expected) <= MAX_CHANGED && (length > 0 || expected === 0);
}

/** Whether `value` is a number of jobs that GraphQL can tell clients. */
function isCount(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= MAX_INT;
}

function isAbsentOr(expected: number, value: unknown): boolean {
  return value === undefined || value === null || value === expected;
}

import { isPlainObject } from '../lib/is-plain-object.ts';
import { decodeJob } from './decode-job.ts';
import type { Job } from './job.ts';
import type { JobPage, ListedJob, PageNumber } from './job-list.ts';
import { invalidResponse, UpstreamError } from './upstream-error.ts';

type Body = Readonly<Record<string, unknown>>;
type OnUnknownStatus = (status: string) => void;

/**
 * The job in the answer of `GET /jobs/{qrn}`.
 *
 * @throws {UpstreamError} where the job cannot be read, or is another than `qrn`.
 */
export function decodeJobAnswer(body: Body, qrn: string, onUnknownStatus: OnUnknownStatus): Job {
  const job = decodeOrExplain(body['data'], onUnknownStatus);
  if (job instanceof UpstreamError) throw job;
  if (job.qrn !== qrn)
    throw invalidResponse('The service answered about another job than the one asked for.');
  return job;
}

/**
 * The page in the answer of `GET /jobs`. A place that cannot be read holds its own error.
 *
 * @throws {UpstreamError} where the list cannot be read, or is another page than the one asked for: a page of another
 *   number or length would shift every place behind it.
 */
export function decodeListAnswer(body: Body, page: PageNumber, onUnknownStatus: OnUnknownStatus): JobPage {
  const { data, pagination } = body;
  if (!Array.isArray(data) || !isPlainObject(pagination) || !isCount(pagination['total'])) {
    throw invalidResponse('The service sent a list that cannot be read.');
  }
  const isThisPage = isAbsentOr(page.page, pagination['page']) && isAbsentOr(page.limit, pagination['limit']);
  if (!isThisPage || data.length > page.limit) {
    throw invalidResponse('The service sent another page than the one asked for.');
  }
  const items = data.map(
    (raw): ListedJob => ({ identity: identityOf(raw), job: decodeOrExplain(raw, onUnknownStatus) }),
  );
  return { items, total: pagination['total'] };
}

function decodeOrExplain(raw: unknown, onUnknownStatus: OnUnknownStatus): Job | UpstreamError {
  const decoded = decodeJob(raw);
  if (decoded === null) return invalidResponse('The service sent a job that cannot be read.');
  if (decoded.unknownStatus !== null) onUnknownStatus(decoded.unknownStatus);
  return decoded.job;
}

function identityOf(raw: unknown): string {
  const qrn = isPlainObject(raw) ? raw['jobQrn'] : undefined;
  return typeof qrn === 'string' && qrn !== '' ? qrn : JSON.stringify(raw);
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isAbsentOr(expected: number, value: unknown): boolean {
  return value === undefined || value === null || value === expected;
}

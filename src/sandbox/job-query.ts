import type { JobPlan } from './job-plan.ts';
import type { JobState } from './job-state.ts';
import { type JobStatus, jobStatuses } from './job-status.ts';
import { createParameterReader } from './parameter-reader.ts';
import { Refusal } from './refusal.ts';

/** Which jobs to list, and which page of them. A null does not narrow the list. */
export interface JobQuery {
  readonly vendor: string | null;
  readonly provider: string | null;
  readonly statusGroup: 'all' | 'pending' | 'returned' | null;
  /** Takes the place of `statusGroup`. */
  readonly status: JobStatus | null;
  readonly search: string | null;
  readonly tags: Readonly<Record<string, unknown>>;
  /** Counted from 1. */
  readonly page: number;
  readonly limit: number;
}

const RETURNED: readonly JobStatus[] = ['COMPLETED', 'CANCELLED', 'FAILED'];

/** Reads the parameters of `GET /jobs`. Throws one `Refusal` that lists every fault. */
export function parseJobQuery(parameters: URLSearchParams): JobQuery {
  const reader = createParameterReader(parameters);
  const query: JobQuery = {
    vendor: reader.readOneOf('vendor', ['aws', 'azure', 'ibm', 'ionq', 'qbraid', 'all']),
    provider: reader.readText('provider'),
    statusGroup: reader.readOneOf('statusGroup', ['all', 'pending', 'returned']),
    status: reader.readOneOf('status', jobStatuses),
    search: reader.readText('search', { maxLength: 255 }),
    tags: reader.readTags('tags'),
    page: reader.readInteger('page', { fallback: 1, min: 1, max: Number.MAX_SAFE_INTEGER }),
    limit: reader.readInteger('limit', { fallback: 50, min: 1, max: 100 }),
  };
  if (reader.faults.length > 0) {
    throw new Refusal(422, 'VALIDATION_ERROR', 'Validation failed', { faults: reader.faults });
  }
  return query;
}

/** Whether a job is one of those that a query asks for. */
export function matchesJobQuery({ plan, status }: JobState, query: JobQuery): boolean {
  return (
    (query.vendor === null || query.vendor === 'all' || query.vendor === plan.device.vendor) &&
    (query.provider === null || query.provider === plan.device.provider) &&
    matchesStatus(status, query) &&
    (query.search === null || matchesKeyword(plan, query.search)) &&
    Object.entries(query.tags).every(([key, value]) => plan.tags[key] === value)
  );
}

function matchesStatus(status: JobStatus, query: JobQuery): boolean {
  if (query.status !== null) return query.status === status;
  if (query.statusGroup === 'pending') return !RETURNED.includes(status);
  return query.statusGroup !== 'returned' || RETURNED.includes(status);
}

/** Looks for a keyword, in any case, in a job's name, QRN, tags, and its device's QRN and name. */
function matchesKeyword(plan: JobPlan, keyword: string): boolean {
  const texts = [
    plan.name ?? '',
    plan.qrn,
    plan.device.qrn,
    plan.device.name,
    ...Object.entries(plan.tags).flat(),
  ];
  return texts.some((text) => String(text).toLowerCase().includes(keyword.toLowerCase()));
}

import type { RawJob } from './job-builder.ts';
import type {
  UpstreamBehaviour,
  UpstreamReply,
  UpstreamRequest,
  UpstreamScript,
} from './scripted-upstream.ts';

/** The lists of an upstream's users by key, the newest job first. A test may change them between requests. */
export type JobLists = Record<string, RawJob[]>;

/**
 * Answers all routes that read, from these lists and as the contract says: pages of a list that `isListed` may filter, numbers of
 * jobs, single jobs and their results, 401 for an unknown key, 404 for an unknown job and 403 for that of another key. Each
 * device has the same details.
 */
export function jobService(
  lists: JobLists,
  isListed: (job: RawJob, query: URLSearchParams) => boolean = hasStatus,
): UpstreamScript {
  return (request) => {
    const list = lists[request.key ?? ''];
    if (list === undefined) return refusal(401, 'Authentication required');
    const url = new URL(request.path, 'http://upstream');
    if (url.pathname === '/jobs')
      return pageOf(
        list.filter((job) => isListed(job, url.searchParams)),
        url.searchParams,
      );
    const other = countsOrDevice(url.pathname, list);
    if (other !== null) return { body: { success: true, data: other } };
    const [, name = '', result] = /^\/jobs\/([^/]+)(\/result)?$/.exec(url.pathname) ?? [];
    const qrn = decodeURIComponent(name);
    const job = list.find(({ jobQrn }) => jobQrn === qrn);
    if (job !== undefined) return { body: { success: true, data: result === undefined ? job : RESULT } };
    const isForeign = Object.values(lists).some((other) => other.some(({ jobQrn }) => jobQrn === qrn));
    return isForeign
      ? refusal(403, 'You do not have permission to access this job')
      : refusal(404, 'Job not found');
  };
}

/** What each job measured. */
const RESULT = {
  status: 'COMPLETED',
  cost: 1,
  timeStamps: {},
  resultData: { measurementCounts: { '0': 3, '1': 1 } },
};

/** The answer of the routes that are not about certain jobs; null for another route. */
function countsOrDevice(pathname: string, list: readonly RawJob[]): object | null {
  if (pathname === '/jobs/statuses') return countsOf(list);
  const [, encoded] = /^\/devices\/(.+)$/.exec(pathname) ?? [];
  if (encoded === undefined) return null;
  const qrn = decodeURIComponent(encoded);
  return { qrn, name: 'A device', status: 'ONLINE', statusMsg: null, queueDepth: 3, avgQueueTime: 1.5 };
}

/** How many jobs have each status. */
function countsOf(jobs: readonly RawJob[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { status } of jobs) counts[String(status)] = (counts[String(status)] ?? 0) + 1;
  return counts;
}

/** An answer with the documented envelope of errors. */
export function refusal(
  status: number,
  detail: unknown,
  headers: Record<string, string> = {},
): UpstreamReply {
  return { status, headers, body: { detail } };
}

/** Lets `override` decide about the requests that it has an answer for, and `script` about the others. */
export function overriding(
  script: UpstreamScript,
  override: (request: UpstreamRequest) => UpstreamBehaviour | Promise<UpstreamBehaviour> | undefined,
): UpstreamScript {
  return (request) => override(request) ?? script(request);
}

/** One page of a list, as the contract has it. */
export function pageOf(jobs: readonly unknown[], query: URLSearchParams): UpstreamReply {
  const page = Number(query.get('page') ?? 1);
  const limit = Number(query.get('limit') ?? 50);
  const total = jobs.length;
  const totalPages = Math.ceil(total / limit);
  return {
    body: {
      success: true,
      data: jobs.slice((page - 1) * limit, page * limit),
      pagination: { page, limit, total, totalPages, hasNext: page < totalPages, hasPrev: page > 1 },
      meta: { timestamp: '2026-01-15T10:30:06.000Z' },
    },
  };
}

function hasStatus(job: RawJob, query: URLSearchParams): boolean {
  return !query.has('status') || job['status'] === query.get('status');
}

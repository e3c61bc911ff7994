import { authenticate, type RequestHeaders } from './authenticate.ts';
import { documentedShape } from './documented-shape.ts';
import { findJob } from './find-job.ts';
import { createJobHistory } from './job-history.ts';
import { toJobPage } from './job-page.ts';
import { parseJobQuery } from './job-query.ts';
import { type JobState, toJobState } from './job-state.ts';
import { jobStatuses } from './job-status.ts';
import { matchRoute } from './match-route.ts';
import { createRateLimiter, type RateLimit } from './rate-limiter.ts';
import { recordedShape } from './recorded-shape.ts';
import { Refusal } from './refusal.ts';
import type { SandboxKey } from './sandbox-keys.ts';
import { demoKeys } from './sandbox-keys.ts';
import { createSeededRandom } from './seeded-random.ts';

/** What a sandbox is made from. */
export interface SandboxOptions {
  /**
   * Which jobs there are: another seed, other jobs.
   * @default 1
   */
  readonly seed?: number;
  /**
   * What time it is, in milliseconds since 1970.
   * @default Date.now
   */
  readonly clock?: () => number;
  /**
   * Whether to answer as published, or as the live service was seen to.
   * @default 'documented'
   */
  readonly shape?: 'documented' | 'recorded';
  /**
   * How many jobs each key has to begin with. Its list grows to twice that, then loses the older half, and so on.
   * @default 300
   */
  readonly jobsPerKey?: number;
  /**
   * How many requests a user may make in a rolling window. Requests without a known key are not counted.
   * @default 1,000 in 15 minutes
   */
  readonly rateLimit?: RateLimit;
  /**
   * The keys to accept.
   * @default demoKeys
   */
  readonly keys?: readonly SandboxKey[];
}

/** A request to the sandbox. */
interface SandboxRequest {
  readonly method: string;
  /** Below the base path, with the query: `/jobs?limit=1`. */
  readonly path: string;
  readonly headers: RequestHeaders;
}

/** What the sandbox answers: the body is JSON. */
export interface SandboxResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** A simulated qBraid API, without a network. */
export interface Sandbox {
  readonly keys: readonly SandboxKey[];
  /** Answers a request at the clock's time. Never throws for what is in the request. */
  handle(request: SandboxRequest): SandboxResponse;
}

/**
 * Makes a sandbox. The same options, clock readings and requests give the same answers.
 *
 * Jobs depend on the seed and their owner alone, so a QRN survives a restart. Throws a `RangeError` if `jobsPerKey` is
 * not a positive integer.
 */
export function createSandbox(options: SandboxOptions = {}): Sandbox {
  const { seed = 1, clock = Date.now, jobsPerKey = 300, keys = demoKeys } = options;
  const shape = options.shape === 'recorded' ? recordedShape : documentedShape;
  const rateLimiter = createRateLimiter(options.rateLimit ?? { requests: 1000, windowMs: 900_000 });
  const startMs = clock();
  const accounts = keys.map((key) => ({
    key,
    history: createJobHistory(key, { seed, jobsPerKey, startMs }),
  }));
  const histories = accounts.map(({ history }) => history);

  function answer({ method, path, headers }: SandboxRequest, nowMs: number): object {
    const route = matchRoute(method, path);
    const { key, history } = authenticate(headers, accounts);
    rateLimiter.take(key.user, nowMs);
    if (route.name === 'job') {
      return { success: true, data: shape.toJob(findJob(route.qrn, history, histories, nowMs)) };
    }
    const jobs = history.listAt(nowMs).map((plan) => toJobState(plan, nowMs));
    if (route.name === 'statuses') return countStatuses(jobs);
    const page = toJobPage(jobs, parseJobQuery(route.parameters));
    return {
      success: true,
      data: page.jobs.map(shape.toJob),
      pagination: page.pagination,
      meta: { timestamp: new Date(nowMs).toISOString() },
    };
  }

  return {
    keys,
    handle(request) {
      const nowMs = clock();
      try {
        return toResponse(200, answer(request, nowMs));
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        const requestId = createSeededRandom(`${seed}/${nowMs}/${request.method} ${request.path}`).hex(32);
        return toResponse(error.status, shape.toError(error, { nowMs, requestId }), error.headers);
      }
    },
  };
}

function countStatuses(jobs: readonly JobState[]): Record<string, number> {
  return Object.fromEntries(
    jobStatuses.map((status) => [status, jobs.filter((job) => job.status === status).length]),
  );
}

function toResponse(status: number, body: object, headers: Record<string, string> = {}): SandboxResponse {
  return { status, headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) };
}

import { authenticate } from './authenticate.ts';
import { toDeviceState } from './device-state.ts';
import { documentedShape } from './documented-shape.ts';
import { type FaultKey, faultKeys } from './fault-keys.ts';
import { findDevice } from './find-device.ts';
import { findJob } from './find-job.ts';
import { createJobCancellations } from './job-cancellations.ts';
import { createJobHistory, type JobHistory } from './job-history.ts';
import { toJobPage } from './job-page.ts';
import { parseJobQuery } from './job-query.ts';
import { type JobState, toJobState } from './job-state.ts';
import { jobStatuses } from './job-status.ts';
import { createKeyFaults } from './key-faults.ts';
import { matchRoute } from './match-route.ts';
import { createRateLimiter, type RateLimit } from './rate-limiter.ts';
import { type RequestHeaders, readSentKey } from './read-sent-key.ts';
import { recordedShape } from './recorded-shape.ts';
import { Refusal } from './refusal.ts';
import { toResultData } from './result-data.ts';
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
   * Whether to answer as published, or as the live qBraid API was seen to.
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
   * The keys to accept, besides the fault keys.
   * @default demoKeys
   */
  readonly keys?: readonly SandboxKey[];
  /**
   * How long the fault key `slow` waits for an answer.
   * @default 5000
   */
  readonly slowMs?: number;
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
  /** How long to wait before it is sent. */
  readonly delayMs: number;
}

type Answer = Omit<SandboxResponse, 'delayMs'>;

/** A simulated qBraid API, without a network. */
export interface Sandbox {
  readonly keys: readonly SandboxKey[];
  /** The keys whose requests go wrong. They are accepted too. */
  readonly faultKeys: readonly FaultKey[];
  /** Answers a request at the clock's time. Never throws for what is in the request. */
  handle(request: SandboxRequest): SandboxResponse;
}

/**
 * Makes a sandbox. The same options, clock readings and requests give the same answers. What is cancelled is known to
 * this sandbox alone.
 *
 * Jobs depend on the seed and their owner alone, so a QRN survives a restart. Throws a `RangeError` if `jobsPerKey` is
 * not a positive integer.
 */
export function createSandbox(options: SandboxOptions = {}): Sandbox {
  const { seed = 1, clock = Date.now, jobsPerKey = 300, keys = demoKeys, slowMs = 5000 } = options;
  const shape = options.shape === 'recorded' ? recordedShape : documentedShape;
  const rateLimiter = createRateLimiter(options.rateLimit ?? { requests: 1000, windowMs: 900_000 });
  const startMs = clock();
  const cancellations = createJobCancellations();
  const faults = createKeyFaults(slowMs);
  const accounts = [...keys, ...faultKeys].map((key) => ({
    key,
    history: createJobHistory(key, { seed, jobsPerKey, startMs, cancellations }),
  }));
  const histories = accounts.map(({ history }) => history);

  function answer({ method, path, headers }: SandboxRequest, nowMs: number): Answer {
    const route = matchRoute(method, path);
    const { key, history } = authenticate(readSentKey(headers), accounts);
    rateLimiter.take(key.user, nowMs);
    faults.meet(key.key);
    const find = (qrn: string) => findJob(qrn, history, histories, nowMs);
    switch (route.name) {
      case 'job':
        return toDataAnswer(shape.toJob(find(route.qrn)));
      case 'jobs': {
        const { jobs, pagination } = toJobPage(listJobs(history, nowMs), parseJobQuery(route.parameters));
        const meta = { timestamp: new Date(nowMs).toISOString() };
        return toDataAnswer(jobs.map(shape.toJob), { pagination, meta });
      }
      case 'statuses':
        return toDataAnswer(countStatuses(listJobs(history, nowMs)));
      case 'result': {
        const job = find(route.qrn);
        return toDataAnswer(shape.toJobResult(job, toResultData(job, nowMs)));
      }
      case 'cancel': {
        const { plan, status } = find(route.qrn);
        cancellations.request(plan, status, nowMs);
        const message = 'The job will be cancelled';
        return toAnswer(202, shape.toCancelAnswer({ message, jobQrn: plan.qrn, status: 'CANCELLING' }));
      }
      case 'device': {
        const jobs = histories.flatMap((one) => listJobs(one, nowMs));
        return toDataAnswer(shape.toDevice(toDeviceState(findDevice(route.qrn), jobs, nowMs)));
      }
    }
  }

  return {
    keys,
    faultKeys,
    handle(request) {
      const nowMs = clock();
      const delayMs = faults.delayMsOf(readSentKey(request.headers));
      try {
        return { ...answer(request, nowMs), delayMs };
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        const requestId = createSeededRandom(`${seed}/${nowMs}/${request.method} ${request.path}`).hex(32);
        const body = shape.toError(error, { nowMs, requestId });
        return { ...toAnswer(error.status, body, error.headers), delayMs };
      }
    },
  };
}

function listJobs(history: JobHistory, nowMs: number): JobState[] {
  return history.listAt(nowMs).map((plan) => toJobState(plan, nowMs));
}

function countStatuses(jobs: readonly JobState[]): object {
  return Object.fromEntries(
    jobStatuses.map((status) => [status, jobs.filter((job) => job.status === status).length]),
  );
}

function toDataAnswer(data: object, besides: object = {}): Answer {
  return toAnswer(200, { success: true, data, ...besides });
}

function toAnswer(status: number, body: object, headers: Record<string, string> = {}): Answer {
  return { status, headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) };
}

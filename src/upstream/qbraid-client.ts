import type { ApiKey } from '../auth/api-key.ts';
import type { UpstreamConfig } from '../config/config.ts';
import type { Abandonment } from '../lib/abandonment.ts';
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';
import { noTracing, type Span, type Tracing } from '../lib/tracing.ts';
import { createConnect } from './create-connect.ts';
import {
  type DecodeContext,
  decodeCancelAnswer,
  decodeCountsAnswer,
  decodeDeviceAnswer,
  decodeJobAnswer,
  decodeListAnswer,
  decodeResultAnswer,
} from './decode-answer.ts';
import { DecodedAnswers } from './decoded-answers.ts';
import type { Device } from './device.ts';
import { Dispatches } from './dispatches.ts';
import { type Answer, exchange, type SizeLimit } from './exchange.ts';
import type { Cancellation, Job } from './job.ts';
import type { JobCounts } from './job-counts.ts';
import type { JobPage, ListFilter, PageRequest } from './job-list.ts';
import type { JobResultData } from './job-result.ts';
import { KeyConnections } from './key-connections.ts';
import { readBody } from './read-body.ts';
import { reuseJob, reuseJobs } from './reuse-jobs.ts';
import { ROUTES, type RouteFacts, type RouteName, SPANS } from './routes.ts';
import { toSearchParams } from './to-search-params.ts';
import { UpstreamError } from './upstream-error.ts';
import type { Exchange, UpstreamObserver } from './upstream-observer.ts';

/** Who wants an answer. */
export interface Asker {
  /** Aborts once nobody waits any more. @default never */
  readonly signal?: Abandonment | undefined;
  /** The id of the request that it is for, for the log. */
  readonly requestId?: string | undefined;
  /** What the request is a part of. @default a trace of its own */
  readonly span?: Span | null | undefined;
}

const NOBODY: Asker = {};

/**
 * The routes of the qBraid API that the gateway uses. Each call sends one request: no cache, no retry. A `qrn` must satisfy
 * `isQrn`: it becomes a part of the path.
 */
export interface QbraidClient {
  /**
   * Reads one job: `GET /jobs/{qrn}`.
   *
   * @param former The job as it was last seen with this key. If nothing has changed, it is given again. @default unknown
   * @throws {UpstreamError} for every answer that is not this job; the abort reason if the asker's `signal` aborts.
   */
  getJob(key: ApiKey, qrn: string, asker?: Asker, former?: Job | null): Promise<Job>;

  /**
   * Reads one page of a list: `GET /jobs`. A place that cannot be read holds its own error.
   *
   * @param former What the last call with this key, filter and page gave. What has not changed is given again. @default unknown
   * @throws {UpstreamError} for every answer that is not this page; the abort reason if the asker's `signal` aborts.
   */
  listJobs(
    key: ApiKey,
    filter: ListFilter,
    page: PageRequest,
    asker?: Asker,
    former?: JobPage | null,
  ): Promise<JobPage>;

  /**
   * Reads how many jobs the key has, by status: `GET /jobs/statuses`.
   *
   * @throws {UpstreamError} for every answer that does not say so; the abort reason if the asker's `signal` aborts.
   */
  getJobCounts(key: ApiKey, asker?: Asker): Promise<JobCounts>;

  /**
   * Reads the result of a job: `GET /jobs/{qrn}/result`.
   *
   * @throws {UpstreamError} for every answer that is no result: `not-ready` for 409, `too-large` beyond `maxResultBytes`;
   *   the abort reason if the asker's `signal` aborts.
   */
  getJobResult(key: ApiKey, qrn: string, asker?: Asker): Promise<JobResultData>;

  /**
   * Reads a device: `GET /devices/{qrn}`.
   *
   * @throws {UpstreamError} for every answer that is not this device; the abort reason if the asker's `signal` aborts.
   */
  getDevice(key: ApiKey, qrn: string, asker?: Asker): Promise<Device>;

  /**
   * Asks for a job to be cancelled: `POST /jobs/{qrn}/cancel`.
   *
   * @throws {UpstreamError} if the qBraid API does not accept that: `conflict` for 400 and 409. After any other kind the job
   *   may have been cancelled or not.
   */
  cancelJob(key: ApiKey, qrn: string, asker?: Asker): Promise<Cancellation>;

  /** Closes all connections as soon as the requests in flight, and those that wait, have ended. */
  close(): Promise<void>;
}

export interface QbraidClientOptions extends UpstreamConfig {
  /** The base address of the API, without a slash at its end. */
  readonly url: string;
  /** How large a result may be, in bytes. */
  readonly maxResultBytes: number;
  readonly clock: Clock;
  readonly logger: Logger;
  /** @default nobody */
  readonly observe?: UpstreamObserver;
  /** @default none */
  readonly tracing?: Tracing;
}

/** A request on a route, and how its answer is decoded. */
interface RouteRequest<T> {
  readonly name: RouteName;
  readonly path: string;
  readonly decode: (body: Readonly<Record<string, unknown>>, context: DecodeContext) => T;
  /** Where the answer is mostly the one before: what that said, and what of it serves again. See `DecodedAnswers`. */
  readonly former?: T | null;
  readonly reuse?: (decoded: T, former: T) => T;
  readonly sizeLimit?: SizeLimit;
}

/** The log has so many unknown statuses of a client, each once. */
const MAX_TOLD_STATUSES = 50;

/** A longer one is no status, and is not logged. */
const MAX_STATUS_LENGTH = 64;

/** Opens a client with connections of its own. */
export function createQbraidClient(options: QbraidClientOptions): QbraidClient {
  const { url, timeoutMs, clock, logger, observe = () => {}, tracing = noTracing } = options;
  const { origin, pathname } = new URL(url);
  const basePath = pathname === '/' ? '' : pathname;
  const answers = new DecodedAnswers();
  const dispatches = new Dispatches();
  /** The unknown statuses that the log has. One answer may hold very many. */
  const toldStatuses = new Set<string>();
  const connections = new KeyConnections({
    connect: createConnect(options),
    total: options.connections,
    perKey: options.connectionsPerKey,
    maxWaitMs: options.queueTimeoutMs,
    clock,
  });

  /** Sends one request and decodes its answer. */
  async function request<T extends object>(key: ApiKey, about: RouteRequest<T>, asker: Asker): Promise<T> {
    const { name, path, sizeLimit } = about;
    const { requestId } = asker;
    const startedAtMs = clock.now();
    try {
      const answer = await send(key, name, path, asker, sizeLimit);
      const { status } = answer;
      logger.debug({ requestId, durationMs: clock.now() - startedAtMs, status }, 'upstream answered');
      const value = read(key, about, answer, requestId);
      observe({ route: name, status, failure: null, durationMs: clock.now() - startedAtMs });
      return value;
    } catch (error) {
      noteFailure(error, { route: name, durationMs: clock.now() - startedAtMs }, requestId);
      throw error;
    }
  }

  /** What an answer says: decoded only where it is another one than before. */
  function read<T extends object>(
    key: ApiKey,
    about: RouteRequest<T>,
    answer: Answer,
    requestId: string | undefined,
  ): T {
    const { former = null, reuse } = about;
    const decodeIt = () => decode(key, about, answer, requestId);
    return reuse === undefined ? decodeIt() : answers.read(answer, former, decodeIt, reuse);
  }

  function decode<T>(key: ApiKey, about: RouteRequest<T>, answer: Answer, requestId: string | undefined): T {
    const { status, bytes } = answer;
    const { refusals }: RouteFacts = ROUTES[about.name];
    return about.decode(readBody(answer, key, clock.date(), refusals), {
      status,
      bytes: bytes.length,
      onUnknownStatus: onUnknownStatus(key, requestId),
    });
  }

  /** Sends one request on a connection of the key, in a span. */
  async function send(
    key: ApiKey,
    name: RouteName,
    path: string,
    { signal, span: parent }: Asker,
    sizeLimit: SizeLimit | undefined,
  ): Promise<Answer> {
    const taken = connections.take(key, signal);
    const own = taken instanceof Promise ? await taken : taken;
    const { dispatcher } = own.connection;
    const { method, template } = ROUTES[name];
    try {
      return await tracing.span(`${method} ${template}`, parent, SPANS[name], async (span) => {
        const answer = await exchange(dispatches, dispatcher, {
          method,
          origin,
          path: basePath + path,
          key,
          traceHeaders: span.headers,
          timeoutMs,
          clock,
          signal,
          sizeLimit,
        });
        span.note({ 'http.response.status_code': answer.status });
        if (answer.status >= 400) span.fail(String(answer.status));
        return answer;
      });
    } finally {
      connections.release(own);
    }
  }

  function noteFailure(
    error: unknown,
    about: Pick<Exchange, 'route' | 'durationMs'>,
    requestId: string | undefined,
  ): void {
    if (!(error instanceof UpstreamError)) {
      observe({ ...about, status: null, failure: 'aborted' });
      return;
    }
    const { kind, facts } = error;
    if (facts.isUnsent !== true) observe({ ...about, status: facts.status ?? null, failure: kind });
    const { durationMs } = about;
    logger.info({ requestId, durationMs, kind, status: facts.status }, 'upstream failed');
  }

  const onUnknownStatus = (key: ApiKey, requestId: string | undefined) => (sent: string) => {
    const status = sent.length > MAX_STATUS_LENGTH ? 'too long' : sent;
    if (toldStatuses.size === MAX_TOLD_STATUSES || toldStatuses.has(status)) return;
    if (status.includes(key.reveal())) return;
    toldStatuses.add(status);
    logger.warn({ requestId, status }, 'upstream sent an unknown job status');
  };

  return {
    getJob: (key, qrn, asker = NOBODY, former = null) =>
      request(
        key,
        {
          name: 'job',
          path: `/jobs/${toSegment(qrn)}`,
          decode: (body, context) => decodeJobAnswer(body, qrn, context),
          former,
          reuse: reuseJob,
        },
        asker,
      ),
    listJobs: (key, filter, page, asker = NOBODY, former = null) =>
      request(
        key,
        {
          name: 'jobs',
          path: `/jobs?${toSearchParams(filter, page)}`,
          decode: (body, context) => decodeListAnswer(body, page, context),
          former,
          reuse: reuseJobs,
        },
        asker,
      ),
    getJobCounts: (key, asker = NOBODY) =>
      request(key, { name: 'counts', path: '/jobs/statuses', decode: decodeCountsAnswer }, asker),
    getJobResult: (key, qrn, asker = NOBODY) =>
      request(
        key,
        {
          name: 'result',
          path: `/jobs/${toSegment(qrn)}/result`,
          decode: decodeResultAnswer,
          sizeLimit: { maxBytes: options.maxResultBytes, name: 'MAX_RESULT_BYTES' },
        },
        asker,
      ),
    getDevice: (key, qrn, asker = NOBODY) =>
      request(
        key,
        {
          name: 'device',
          path: `/devices/${toSegment(qrn)}`,
          decode: (body, context) => decodeDeviceAnswer(body, qrn, context),
        },
        asker,
      ),
    cancelJob: (key, qrn, asker = NOBODY) =>
      request(
        key,
        { name: 'cancel', path: `/jobs/${toSegment(qrn)}/cancel`, decode: decodeCancelAnswer },
        asker,
      ),
    close: () => connections.close(),
  };
}

/** What a path may hold as it is: also the colons of a QRN (RFC 3986, section 3.3). */
const PLAIN_SEGMENT = /^[\w:.~-]+$/;

function toSegment(qrn: string): string {
  return PLAIN_SEGMENT.test(qrn) ? qrn : encodeURIComponent(qrn).replaceAll('%3A', ':');
}

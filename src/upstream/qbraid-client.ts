import type { ApiKey } from '../auth/api-key.ts';
import type { UpstreamConfig } from '../config/config.ts';
import type { Abandonment } from '../lib/abandonment.ts';
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';
import { noTracing, type SpanFacts, type Tracing } from '../lib/tracing.ts';
import { createConnect } from './create-connect.ts';
import { type DecodeContext, decodeJobAnswer, decodeListAnswer } from './decode-answer.ts';
import { DecodedAnswers } from './decoded-answers.ts';
import { type Answer, exchange } from './exchange.ts';
import type { Job } from './job.ts';
import type { JobPage, ListFilter, PageRequest } from './job-list.ts';
import { KeyConnections } from './key-connections.ts';
import { readBody } from './read-body.ts';
import { reuseJob, reuseJobs } from './reuse-jobs.ts';
import { toSearchParams } from './to-search-params.ts';
import { UpstreamError } from './upstream-error.ts';
import type { Exchange, UpstreamObserver } from './upstream-observer.ts';

/** Who wants an answer. */
export interface Asker {
  /** Aborts once nobody waits any more. @default never */
  readonly signal?: Abandonment | undefined;
  /** The id of the request that it is for, for the log. */
  readonly requestId?: string | undefined;
}

const NOBODY: Asker = {};

/** The two routes of the qBraid API that the gateway reads. Each call sends one request: no cache, no retry. */
export interface QbraidClient {
  /**
   * Reads one job: `GET /jobs/{qrn}`.
   *
   * @param qrn must satisfy `isQrn`: it becomes a part of the path.
   * @throws {UpstreamError} for every answer that is not this job; the abort reason if the asker's `signal` aborts.
   */
  getJob(key: ApiKey, qrn: string, asker?: Asker): Promise<Job>;

  /**
   * Reads one page of a list: `GET /jobs`. A place that cannot be read holds its own error.
   *
   * @throws {UpstreamError} for every answer that is not this page; the abort reason if the asker's `signal` aborts.
   */
  listJobs(key: ApiKey, filter: ListFilter, page: PageRequest, asker?: Asker): Promise<JobPage>;

  /** Closes all connections as soon as the requests in flight, and those that wait, have ended. */
  close(): Promise<void>;
}

export interface QbraidClientOptions extends UpstreamConfig {
  /** The base address of the API, without a slash at its end. */
  readonly url: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** @default nobody */
  readonly observe?: UpstreamObserver;
  /** @default none */
  readonly tracing?: Tracing;
}

/** The routes as spans have them: the name of a job stays out. */
const TEMPLATES: Readonly<Record<Exchange['route'], string>> = { job: '/jobs/{qrn}', jobs: '/jobs' };

const SPANS: Readonly<Record<Exchange['route'], SpanFacts>> = {
  job: toSpan(TEMPLATES.job),
  jobs: toSpan(TEMPLATES.jobs),
};

function toSpan(template: string): SpanFacts {
  return { kind: 'client', attributes: { 'http.request.method': 'GET', 'url.template': template } };
}

/** How the answers of one route are decoded, and what of the answer before is used again: see `DecodedAnswers`. */
interface Route<T> {
  readonly decode: (body: Readonly<Record<string, unknown>>, context: DecodeContext) => T;
  readonly reuse: (decoded: T, former: T) => T;
}

/** Opens a client with connections of its own. */
export function createQbraidClient(options: QbraidClientOptions): QbraidClient {
  const { url, timeoutMs, clock, logger, observe = () => {}, tracing = noTracing } = options;
  const { origin, pathname } = new URL(url);
  const basePath = pathname === '/' ? '' : pathname;
  const answers = new DecodedAnswers();
  const connections = new KeyConnections({
    connect: createConnect(options),
    total: options.connections,
    perKey: options.connectionsPerKey,
    maxWaitMs: options.queueTimeoutMs,
    clock,
  });

  /** Sends one request and decodes its answer. */
  async function get<T extends object>(
    key: ApiKey,
    route: Exchange['route'],
    path: string,
    { decode, reuse }: Route<T>,
    asker: Asker,
  ): Promise<T> {
    const { requestId } = asker;
    const startedAtMs = clock.now();
    try {
      const answer = await send(key, route, path, asker);
      const { status } = answer;
      logger.debug({ requestId, durationMs: clock.now() - startedAtMs, status }, 'upstream answered');
      const asked = { key, path, answer };
      // No closure over the key may decode: an error keeps the functions that were running when it was made.
      const decoded =
        answers.recall<T>(asked) ??
        answers.remember(
          asked,
          decode(readBody(answer, key, clock.date()), {
            status,
            onUnknownStatus: onUnknownStatus(key, requestId),
          }),
          reuse,
        );
      observe({ route, status, failure: null, durationMs: clock.now() - startedAtMs });
      return decoded;
    } catch (error) {
      noteFailure(error, { route, durationMs: clock.now() - startedAtMs }, requestId);
      throw error;
    }
  }

  /** Sends one request on a connection of the key, in a span. */
  async function send(
    key: ApiKey,
    route: Exchange['route'],
    path: string,
    { signal }: Asker,
  ): Promise<Answer> {
    const taken = connections.take(key, signal);
    const own = taken instanceof Promise ? await taken : taken;
    const { dispatcher } = own.connection;
    const about = { origin, path: basePath + path, key, timeoutMs, clock, signal };
    try {
      return await tracing.span(`GET ${TEMPLATES[route]}`, SPANS[route], async (span) => {
        const answer = await exchange(dispatcher, about, span.headers);
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

  const onUnknownStatus = (key: ApiKey, requestId: string | undefined) => (status: string) => {
    if (status.includes(key.reveal())) return;
    logger.warn({ requestId, status: status.slice(0, 64) }, 'upstream sent an unknown job status');
  };

  return {
    getJob: (key, qrn, asker = NOBODY) =>
      get(
        key,
        'job',
        toJobPath(qrn),
        { decode: (body, context) => decodeJobAnswer(body, qrn, context), reuse: reuseJob },
        asker,
      ),
    listJobs: (key, filter, page, asker = NOBODY) =>
      get(
        key,
        'jobs',
        `/jobs?${toSearchParams(filter, page)}`,
        { decode: (body, context) => decodeListAnswer(body, page, context), reuse: reuseJobs },
        asker,
      ),
    close: () => connections.close(),
  };
}

/** A path may hold the colons of a QRN as they are (RFC 3986, section 3.3). All other reserved characters are encoded. */
function toJobPath(qrn: string): string {
  return `/jobs/${encodeURIComponent(qrn).replaceAll('%3A', ':')}`;
}

import { setMaxListeners } from 'node:events';
import { createYoga, type YogaLogger } from 'graphql-yoga';
import type { Config } from '../config/config.ts';
import type { Environment } from '../config/environment.ts';
import { executableSchema as schema } from '../graphql/executable-schema.ts';
import { createGraphQLContext, type GraphQLContext, withOwnMethods } from '../graphql/graphql-context.ts';
import { createOperationDeadlines } from '../graphql/operation-deadline.ts';
import type { Clock } from '../lib/clock.ts';
import type { FullLogger, Logger } from '../lib/logger.ts';
import { noTracing, type Tracing } from '../lib/tracing.ts';
import { Turns } from '../lib/turns.ts';
import { Pollers } from '../live/pollers.ts';
import type { FleetSeam } from '../store/fleet-seam.ts';
import { createJobStore } from '../store/job-store.ts';
import { createQbraidClient } from '../upstream/qbraid-client.ts';
import { createClientAddresses } from './clients/client-addresses.ts';
import { createRefusalListener } from './create-refusal-listener.ts';
import { KnownDocuments } from './documents/known-documents.ts';
import { openPersistedDocuments } from './documents/open-persisted-documents.ts';
import { ID_PARAMETERS } from './documents/persisted-documents.ts';
import { createValidateDocument } from './documents/validate-document.ts';
import type { ServedGateway } from './http/served-gateway.ts';
import { toCorsOptions } from './http/to-cors-options.ts';
import { createLaneListener } from './lane/create-lane-listener.ts';
import { FastLane } from './lane/fast-lane.ts';
import { PlannedOperations } from './lane/planned-operations.ts';
import { StreamLane } from './lane/stream-lane.ts';
import { OverloadGuard } from './lifecycle/overload-guard.ts';
import type { GatewayReport } from './metrics/gateway-report.ts';
import { openKeyRings } from './open-key-rings.ts';
import type { Playground } from './pages/playground.ts';
import { useAbandonment } from './plugins/use-abandonment.ts';
import { useAcceptableAnswers } from './plugins/use-acceptable-answers.ts';
import { useAnswerHeaders } from './plugins/use-answer-headers.ts';
import { useAnswerLimit } from './plugins/use-answer-limit.ts';
import { useClientAddress } from './plugins/use-client-address.ts';
import { useCompleteAnswers } from './plugins/use-complete-answers.ts';
import { useCsrfPrevention } from './plugins/use-csrf-prevention.ts';
import { useDebugUpstream } from './plugins/use-debug-upstream.ts';
import { useEventStream } from './plugins/use-event-stream.ts';
import { useHiddenSchema } from './plugins/use-hidden-schema.ts';
import { useJsonRequests } from './plugins/use-json-requests.ts';
import { useKnownDocuments } from './plugins/use-known-documents.ts';
import { useOperationCost } from './plugins/use-operation-cost.ts';
import { useOverloadProtection } from './plugins/use-overload-protection.ts';
import { useOverloadStatus } from './plugins/use-overload-status.ts';
import { usePersistedDocuments } from './plugins/use-persisted-documents.ts';
import { usePlayground } from './plugins/use-playground.ts';
import { useProbes } from './plugins/use-probes.ts';
import { useRefusedKeys } from './plugins/use-refused-keys.ts';
import { useRequestId } from './plugins/use-request-id.ts';
import { useRequestLog } from './plugins/use-request-log.ts';
import { useRequestRecords } from './plugins/use-request-records.ts';
import { useStreamLimits } from './plugins/use-stream-limits.ts';
import { useStreamRecords } from './plugins/use-stream-records.ts';
import { useTracing } from './plugins/use-tracing.ts';
import { useUnknownPaths } from './plugins/use-unknown-paths.ts';
import { createAccessLog } from './records/create-access-log.ts';
import { type GatewayObserver, joinObservers } from './records/gateway-observer.ts';
import { requestIds } from './records/request-ids.ts';
import { RequestRecords } from './records/request-records.ts';
import { RequestTraces } from './records/request-traces.ts';
import { createLogStreamEnd } from './streams/log-stream-end.ts';
import { OpenStreams } from './streams/open-streams.ts';
import { StreamWriter } from './streams/stream-writer.ts';
import { toSender } from './to-sender.ts';

/** What a gateway gets from outside, so that tests can replace it. */
export interface GatewayOptions {
  readonly config: Config;
  /** The variables in which keys of key rings may stand. @default none */
  readonly environment?: Environment;
  readonly logger: FullLogger;
  readonly clock: Clock;
  /** The playground, or null for none. */
  readonly playground: Playground | null;
  /** How late the event loop is, in milliseconds. @default never late */
  readonly eventLoopDelayMs?: () => number;
  /** Hear what it does, beside the access log. @default none */
  readonly observers?: readonly GatewayObserver[];
  /** @default none */
  readonly tracing?: Tracing;
  /** Shares budgets and what is read with other replicas. @default with none */
  readonly fleet?: FleetSeam | undefined;
  /** Picks the operations that are logged, where not all are. @default Math.random */
  readonly random?: () => number;
}

/** The gateway without a socket. */
export interface Gateway extends ServedGateway {
  /** Executes ordinary requests. */
  readonly fastLane: FastLane;
  /** From now on `/ready` says that the gateway is about to end. */
  drain(): void;
  /** How it stands, for those who operate it. Names no key. */
  report(): GatewayReport;
  /** Reads the file of the key rings again, if there is one. Logs what is wrong with it. */
  reloadKeyRings(): void;
  /** Completes all event streams, and each later event stream at once. */
  endStreams(): void;
  /** Closes the connections to the qBraid API. */
  close(): Promise<void>;
}

/**
 * How many requests may be under way for each connection: one that is served and one that waits. Where requests are slow, a
 * new operation that would wait for longer than the time of one is refused.
 */
const TURNS = 2;

/**
 * Puts the gateway together: the upstream client, the store, the pollers, the schema and the plugins.
 *
 * @throws {GatewayError} `invalid-config` if what the configuration names, such as a file, cannot be used.
 */
export function createGateway(options: GatewayOptions): Gateway {
  const { config, logger, clock, playground, eventLoopDelayMs = () => 0 } = options;
  const { tracing = noTracing, random = Math.random, environment = {} } = options;
  const { keyRings, reload } = openKeyRings({ path: config.clients.keyRingsPath, environment, logger });
  const observer = joinObservers([
    createAccessLog({ logger, config: config.accessLog, random }),
    ...(options.observers ?? []),
  ]);
  const addresses = createClientAddresses(config.clients.trustedProxies);
  const records = new RequestRecords({ clock, addresses, observer });
  const traces = tracing === noTracing ? null : new RequestTraces(tracing);
  const client = createQbraidClient({
    url: config.qbraidApiUrl,
    ...config.upstream,
    clock,
    logger,
    observe: observer.upstreamEnded,
    tracing,
  });
  const store = createJobStore({
    client,
    clock,
    freshness: config.freshness,
    budget: config.rateLimit,
    maxRefusedKeys: config.clients.maxRefusedKeys,
    cache: config.store,
    staleIfErrorMs: config.staleIfErrorMs,
    inFlight: {
      total: TURNS * config.upstream.connections,
      perKey: TURNS * config.upstream.connectionsPerKey,
    },
    observe: observer.jobsRead,
    fleet: options.fleet,
  });
  const pollers = new Pollers({ store, clock, limits: config.watch });
  const contextOptions = {
    store,
    keyRings,
    clock,
    pollers,
    maxUpstreamRequests: config.operation.maxUpstreamRequests,
    mutations: config.operation.mutations,
    deadlines: createOperationDeadlines({ clock, timeoutMs: config.operation.timeoutMs }),
    staleIfErrorMs: config.staleIfErrorMs,
    turns: new Turns(),
    tracing,
  };
  let isReady = true;
  const shutdown = new AbortController();
  // Each open stream listens: many listeners are no leak.
  setMaxListeners(0, shutdown.signal);
  const openStreams = new OpenStreams(config.streams);
  const writer = new StreamWriter({ ...config.streams, clock, shutdown: shutdown.signal });
  const logEnd = createLogStreamEnd(logger);
  const validate = createValidateDocument(schema, config.exposure);
  const documents = new KnownDocuments({ ...config.document, validate });
  const persisted = openPersistedDocuments(schema, config);
  const guard = new OverloadGuard({ config: config.overload, eventLoopDelayMs });
  const yoga = createYoga<object, GraphQLContext>({
    schema,
    context: ({ request }) =>
      withOwnMethods(
        createGraphQLContext(contextOptions, {
          requestId: requestIds.current,
          headers: request.headers,
          client: addresses.groupOf(request),
          span: traces?.of(request)?.operation,
          observer: records.of(request),
          get signal() {
            return request.signal;
          },
        }),
      ),
    // In the order in which they act: some say what must come before them or after them.
    plugins: [
      useRequestId(),
      traces !== null && useTracing(traces, records),
      useRequestLog({ logger, clock }),
      useClientAddress(addresses),
      useRequestRecords(records),
      useAnswerHeaders(config.clients),
      useProbes(() => isReady),
      useOverloadProtection({ guard, addresses, keyRings }),
      config.exposure.csrfPrevention && useCsrfPrevention(),
      useJsonRequests(config.http),
      usePersistedDocuments(persisted),
      useKnownDocuments(documents),
      useOperationCost(config.operation.maxCost),
      !config.exposure.fieldSuggestions && useHiddenSchema(),
      useRefusedKeys(),
      useStreamLimits(openStreams),
      useAbandonment(logger),
      useCompleteAnswers(),
      useAnswerLimit(config.operation.maxAnswerBytes),
      useOverloadStatus(),
      useStreamRecords(records),
      config.exposure.debugUpstream && useDebugUpstream(records),
      useEventStream(writer, logEnd),
      useAcceptableAnswers(),
      playground !== null && usePlayground(playground),
      useUnknownPaths(),
    ],
    logging: toYogaLogger(logger),
    maskedErrors: { isDev: false },
    cors: toCorsOptions(config.clients),
    // `documents` keeps them.
    parserAndValidationCache: false,
    extraParamNames: [...ID_PARAMETERS],
    // We read bodies and serve pages ourselves.
    maxRequestBodySize: false,
    multipart: false,
    graphiql: false,
    // No address ends so. Yoga's own health check answers every address that ends in /health.
    healthCheckEndpoint: '\n',
    landingPage: false,
  });
  const operations = new PlannedOperations({
    schema,
    documents,
    persisted,
    maxCost: config.operation.maxCost,
  });
  const laneOptions = {
    schema,
    contextOptions,
    operations,
    records,
    guard,
    clock,
    logger,
    maxAnswerBytes: config.operation.maxAnswerBytes,
    fieldSuggestions: config.exposure.fieldSuggestions,
  };
  const fastLane = new FastLane({
    ...laneOptions,
    observe: observer.jobsRead,
    mayGiveTwice: config.freshness.activeMs > 0,
    answerCacheBytes: config.answerCacheBytes,
  });
  return {
    yoga,
    fastLane,
    lane: createLaneListener({
      lane: fastLane,
      streams: new StreamLane({ ...laneOptions, openStreams, writer, logEnd }),
      records,
      traces,
      addresses,
      logger,
      clock,
      config,
      isShared: options.fleet !== undefined,
    }),
    senderOf: (request) => toSender(request, addresses, config.clients),
    refuse: createRefusalListener({ config: config.clients, addresses, records }),
    refused: (code) => observer.errorSent({ code, limit: null }),
    drain() {
      isReady = false;
    },
    report: () => ({
      ...store.report(),
      open: { operations: records.operationsInFlight, streams: openStreams.size },
      pollers: pollers.size,
    }),
    reloadKeyRings: reload,
    endStreams: () => shutdown.abort(),
    close: () => client.close(),
  };
}

/** Adapts our logger to Yoga, which logs a text, an error, or both. */
function toYogaLogger(logger: Logger): YogaLogger {
  const at =
    (level: keyof YogaLogger) =>
    (...parts: readonly unknown[]) => {
      const error = parts.find((part) => part instanceof Error);
      const text = parts.find((part) => typeof part === 'string');
      logger[level](error === undefined ? {} : { err: error }, text ?? 'error in an operation');
    };
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

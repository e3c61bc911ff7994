import type * as z from 'zod/mini';
import { GatewayError } from '../lib/gateway-error.ts';
import type { Config, FleetConfig } from './config.ts';
import type { Environment } from './environment.ts';
import { variables } from './variables.ts';

/** The variables whose values are never shown. */
const SECRET: readonly string[] = ['REDIS_URL', 'FLEET_SECRET'];

/** The variables that replicas need to work as one, all of them or none, with advice about each. */
const FLEET = {
  REDIS_URL:
    'the address of the Redis server that the replicas share, such as rediss://redis.example.com:6379',
  FLEET_SECRET: 'at least 32 bytes, the same for all replicas, such as openssl rand -base64 32 makes',
  FLEET_SIZE: 'the largest number of replicas, such as 3',
};

/**
 * Reads the configuration from environment variables. An empty variable counts as not set. `docs/configuration.md` lists all
 * variables with their defaults.
 *
 * @throws {GatewayError} `invalid-config` that names every variable at fault, what it requires, an example, and what it
 *   is. Never shows a secret, or what may be the credentials of an address.
 */
export function parseConfig(environment: Environment): Config {
  const names = findNames(environment);
  const values = Object.fromEntries(names.map(([variable, name]) => [variable, environment[name]]));
  const result = variables.safeParse(values);
  const missing = findMissing(Object.keys(values));
  if (result.success && missing.length === 0) return Object.freeze(toConfig(result.data));
  const nameOf = new Map(names);
  const issues = result.success ? [] : result.error.issues;
  const wrong = issues.map(({ path, message }) => {
    const name = nameOf.get(String(path[0])) ?? '';
    const got = SECRET.includes(name) ? '[redacted]' : quote(environment[name]);
    return `  ${name}: ${message}, got ${got}`;
  });
  const faults = [...wrong, ...missing];
  throw new GatewayError(
    'invalid-config',
    `The environment has ${faults.length} fault(s):\n${faults.join('\n')}`,
  );
}

/** Says which of the variables that only work together are missing beside those that are set. */
function findMissing(set: readonly string[]): readonly string[] {
  const first = set.find((name) => Object.hasOwn(FLEET, name));
  if (first === undefined) return [];
  return Object.entries(FLEET)
    .filter(([name]) => !set.includes(name))
    .map(([name, advice]) => `  ${name}: must be set where ${first} is: ${advice}, got nothing`);
}

/** The variables that are set, each with the name under which it is. */
function findNames(environment: Environment): readonly (readonly [variable: string, name: string])[] {
  const isSet = (name: string) => (environment[name] ?? '').trim() !== '';
  return Object.keys(variables.shape).flatMap((variable) => {
    // Most programs read the names of proxies in lower case too.
    const spellings = variable.endsWith('_PROXY') ? [variable, variable.toLowerCase()] : [variable];
    const name = spellings.find(isSet);
    return name === undefined ? [] : [[variable, name] as const];
  });
}

function toFleetConfig(environment: z.infer<typeof variables>): FleetConfig | null {
  const { REDIS_URL: redisUrl, FLEET_SECRET: secrets, FLEET_SIZE: size } = environment;
  // All of them are set, or none.
  return redisUrl === undefined || secrets === undefined || size === undefined
    ? null
    : { redisUrl, secrets, size };
}

function toConfig(environment: z.infer<typeof variables>): Config {
  const isProduction = environment.NODE_ENV === 'production';
  return {
    port: environment.PORT,
    host: environment.HOST,
    metricsPort: environment.METRICS_PORT ?? null,
    qbraidApiUrl: environment.QBRAID_API_URL,
    logLevel: environment.LOG_LEVEL,
    accessLog: { level: environment.ACCESS_LOG_LEVEL, share: environment.ACCESS_LOG_SHARE },
    upstream: {
      timeoutMs: environment.UPSTREAM_TIMEOUT_MS,
      connectTimeoutMs: environment.UPSTREAM_CONNECT_TIMEOUT_MS,
      headersTimeoutMs: environment.UPSTREAM_HEADERS_TIMEOUT_MS,
      bodyTimeoutMs: environment.UPSTREAM_BODY_TIMEOUT_MS,
      queueTimeoutMs: environment.UPSTREAM_QUEUE_TIMEOUT_MS,
      connections: environment.UPSTREAM_CONNECTIONS,
      connectionsPerKey: Math.min(environment.UPSTREAM_CONNECTIONS, environment.UPSTREAM_CONNECTIONS_PER_KEY),
      maxResultBytes: environment.MAX_RESULT_BYTES,
      proxy: {
        http: environment.HTTP_PROXY ?? null,
        https: environment.HTTPS_PROXY ?? null,
        except: environment.NO_PROXY,
      },
    },
    freshness: {
      activeMs: environment.FRESH_ACTIVE_MS,
      terminalMs: environment.FRESH_TERMINAL_MS,
      holdMs: environment.FRESH_HOLD_MS,
    },
    staleIfErrorMs: environment.STALE_IF_ERROR_MS,
    store: { maxEntries: environment.STORE_MAX_ENTRIES, maxBytes: environment.STORE_MAX_BYTES },
    answerCacheBytes: environment.ANSWER_CACHE_BYTES,
    rateLimit: { requests: environment.RATE_LIMIT_REQUESTS, windowMs: environment.RATE_LIMIT_WINDOW_MS },
    fleet: toFleetConfig(environment),
    operation: {
      timeoutMs: environment.OPERATION_TIMEOUT_MS,
      maxUpstreamRequests: environment.MAX_UPSTREAM_REQUESTS_PER_OPERATION,
      maxCost: environment.MAX_OPERATION_COST,
      maxAnswerBytes: environment.MAX_ANSWER_BYTES,
      mutations: environment.ENABLE_MUTATIONS,
    },
    document: {
      maxBytes: environment.MAX_DOCUMENT_BYTES,
      maxTokens: environment.MAX_TOKENS,
      maxDepth: environment.MAX_DEPTH,
      maxAliases: environment.MAX_ALIASES,
      maxDirectives: environment.MAX_DIRECTIVES,
      maxRootFields: environment.MAX_ROOT_FIELDS,
      cacheBytes: environment.DOCUMENT_CACHE_BYTES,
    },
    http: {
      maxBodyBytes: environment.MAX_REQUEST_BODY_BYTES,
      maxHeadersBytes: environment.MAX_REQUEST_HEADERS_BYTES,
      headersTimeoutMs: environment.REQUEST_HEADERS_TIMEOUT_MS,
      requestTimeoutMs: environment.REQUEST_TIMEOUT_MS,
    },
    overload: {
      maxOperationsInFlight: environment.MAX_OPERATIONS_IN_FLIGHT,
      maxEventLoopDelayMs: environment.MAX_EVENT_LOOP_DELAY_MS,
    },
    watch: {
      minIntervalMs: environment.WATCH_MIN_INTERVAL_MS,
      maxIntervalMs: Math.max(environment.WATCH_MIN_INTERVAL_MS, environment.WATCH_MAX_INTERVAL_MS),
    },
    streams: {
      keepaliveMs: environment.SSE_KEEPALIVE_MS,
      max: environment.MAX_STREAMS,
      maxPerKey: environment.MAX_STREAMS_PER_KEY,
      unreadTimeoutMs: environment.STREAM_UNREAD_TIMEOUT_MS,
    },
    clients: {
      keyRingsPath: environment.KEYRINGS_FILE ?? null,
      corsOrigins: environment.CORS_ORIGINS,
      trustedProxies: environment.TRUSTED_PROXIES,
      maxRefusedKeys: environment.MAX_REFUSED_KEYS,
    },
    exposure: {
      graphiql: environment.GRAPHIQL ?? !isProduction,
      introspection: environment.INTROSPECTION ?? !isProduction,
      fieldSuggestions: environment.FIELD_SUGGESTIONS ?? !isProduction,
      csrfPrevention: environment.CSRF_PREVENTION ?? isProduction,
      debugUpstream: !isProduction,
    },
    persisted: {
      path: environment.PERSISTED_OPERATIONS ?? null,
      only: environment.PERSISTED_ONLY,
      apqCacheBytes: environment.APQ_CACHE_BYTES,
    },
    shutdown: { delayMs: environment.SHUTDOWN_DELAY_MS, timeoutMs: environment.SHUTDOWN_TIMEOUT_MS },
    sandboxPort: environment.SANDBOX_PORT,
    sandboxShape: environment.SANDBOX_SHAPE,
  };
}

/** A value for a message, without the credentials and the query of an address: either may hold a secret. */
function quote(value: string | undefined): string {
  return (
    JSON.stringify(value)
      .replace(/^"([a-z][a-z\d+.-]*:\/\/)?.*@/i, '"$1[redacted]@')
      .replace(/(:\/\/[^?#]*[?#]).+"$/, '$1[redacted]"')
      // What follows a colon and is no port may be the password of credentials without a host.
      .replace(/:(?!\/\/|\d{1,5}[/?#,"]).+"$/, ':[redacted]"')
  );
}

import * as z from 'zod/mini';
import {
  apiUrl,
  networks,
  oneOf,
  origins,
  proxyUrl,
  redisUrl,
  secrets,
  share,
  trueOrFalse,
  wholeNumber,
  wholeNumberOrNone,
} from './variable-types.ts';

export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

/** Every variable, in the order of `.env.example`, which explains them. */
export const variables = z.object({
  PORT: wholeNumber(0, 65_535, 4000),
  HOST: z._default(z.string(), '127.0.0.1'),
  QBRAID_API_URL: z._default(apiUrl, 'https://api-v2.qbraid.com/api/v1'),
  NODE_ENV: z.optional(z.string()),

  LOG_LEVEL: z._default(oneOf(LOG_LEVELS), 'info'),
  ACCESS_LOG_LEVEL: z._default(oneOf(LOG_LEVELS), 'info'),
  ACCESS_LOG_SHARE: z._default(share, 1),
  METRICS_PORT: wholeNumberOrNone(0, 65_535, 9464),

  UPSTREAM_TIMEOUT_MS: wholeNumber(1, 600_000, 20_000),
  UPSTREAM_CONNECT_TIMEOUT_MS: wholeNumber(1, 600_000, 5000),
  UPSTREAM_HEADERS_TIMEOUT_MS: wholeNumber(1, 600_000, 10_000),
  UPSTREAM_BODY_TIMEOUT_MS: wholeNumber(1, 600_000, 10_000),
  UPSTREAM_QUEUE_TIMEOUT_MS: wholeNumber(1, 600_000, 5000),
  UPSTREAM_CONNECTIONS: wholeNumber(1, 1000, 256),
  UPSTREAM_CONNECTIONS_PER_KEY: wholeNumber(1, 1000, 16),
  HTTP_PROXY: z.optional(proxyUrl),
  HTTPS_PROXY: z.optional(proxyUrl),
  NO_PROXY: z._default(z.string(), ''),

  FRESH_ACTIVE_MS: wholeNumber(0, 3_600_000, 2000),
  FRESH_TERMINAL_MS: wholeNumber(0, 86_400_000, 300_000),
  FRESH_HOLD_MS: wholeNumber(0, 86_400_000, 60_000),
  STALE_IF_ERROR_MS: wholeNumber(0, 86_400_000, 60_000),
  STORE_MAX_ENTRIES: wholeNumber(1, 10_000_000, 50_000),
  STORE_MAX_BYTES: wholeNumber(1_048_576, 1_000_000_000_000, 134_217_728),
  ANSWER_CACHE_BYTES: wholeNumber(0, 1_000_000_000_000, 33_554_432),
  RATE_LIMIT_REQUESTS: wholeNumber(1, 1_000_000, 1000),
  RATE_LIMIT_WINDOW_MS: wholeNumber(1000, 86_400_000, 900_000),
  MAX_REFUSED_KEYS: wholeNumber(1, 10_000, 30),
  TRUSTED_PROXIES: z._default(networks, []),

  REDIS_URL: z.optional(redisUrl),
  FLEET_SECRET: z.optional(secrets),
  FLEET_SIZE: wholeNumberOrNone(1, 1000, 3),

  OPERATION_TIMEOUT_MS: wholeNumber(1, 600_000, 30_000),
  MAX_UPSTREAM_REQUESTS_PER_OPERATION: wholeNumber(1, 10_000, 60),
  MAX_OPERATION_COST: wholeNumber(100, 100_000_000, 100_000),
  MAX_ANSWER_BYTES: wholeNumber(1024, 1_000_000_000, 10_485_760),
  MAX_DOCUMENT_BYTES: wholeNumber(1024, 10_000_000, 65_536),
  MAX_TOKENS: wholeNumber(10, 100_000, 2000),
  MAX_DEPTH: wholeNumber(1, 500, 20),
  MAX_ALIASES: wholeNumber(0, 100_000, 100),
  MAX_DIRECTIVES: wholeNumber(0, 100_000, 50),
  MAX_ROOT_FIELDS: wholeNumber(1, 100_000, 100),
  DOCUMENT_CACHE_BYTES: wholeNumber(0, 1_000_000_000, 4_194_304),

  MAX_REQUEST_BODY_BYTES: wholeNumber(1024, 100_000_000, 262_144),
  MAX_REQUEST_HEADERS_BYTES: wholeNumber(1024, 1_000_000, 16_384),
  REQUEST_HEADERS_TIMEOUT_MS: wholeNumber(1, 600_000, 10_000),
  REQUEST_TIMEOUT_MS: wholeNumber(1, 600_000, 20_000),
  MAX_OPERATIONS_IN_FLIGHT: wholeNumber(1, 1_000_000, 1000),
  MAX_EVENT_LOOP_DELAY_MS: wholeNumber(10, 600_000, 200),

  WATCH_MIN_INTERVAL_MS: wholeNumber(100, 3_600_000, 2000),
  WATCH_MAX_INTERVAL_MS: wholeNumber(100, 3_600_000, 15_000),
  SSE_KEEPALIVE_MS: wholeNumber(100, 3_600_000, 12_000),
  MAX_STREAMS: wholeNumber(0, 1_000_000, 1000),
  MAX_STREAMS_PER_KEY: wholeNumber(0, 1_000_000, 200),
  STREAM_UNREAD_TIMEOUT_MS: wholeNumber(100, 3_600_000, 60_000),

  KEYRINGS_FILE: z.optional(z.string()),

  GRAPHIQL: z.optional(trueOrFalse),
  INTROSPECTION: z.optional(trueOrFalse),
  FIELD_SUGGESTIONS: z.optional(trueOrFalse),
  CSRF_PREVENTION: z.optional(trueOrFalse),
  CORS_ORIGINS: z._default(origins, []),
  PERSISTED_OPERATIONS: z.optional(z.string()),
  PERSISTED_ONLY: z._default(trueOrFalse, false),
  APQ_CACHE_BYTES: wholeNumber(0, 1_000_000_000, 4_194_304),

  SHUTDOWN_DELAY_MS: wholeNumber(0, 600_000, 0),
  SHUTDOWN_TIMEOUT_MS: wholeNumber(0, 600_000, 10_000),

  SANDBOX_PORT: wholeNumber(0, 65_535, 4001),
  SANDBOX_SHAPE: z._default(oneOf(['documented', 'recorded']), 'documented'),
});

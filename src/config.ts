import { z } from 'zod';
import { GatewayError } from './lib/gateway-error.ts';

/** All settings. They are read once, at the start. */
export interface Config {
  /** The TCP port to listen on; 0 lets the system choose. */
  readonly port: number;
  /** The address to listen on. */
  readonly host: string;
  /** The base address of the qBraid API, without a slash at its end. */
  readonly qbraidApiUrl: string;
  readonly logLevel: (typeof LOG_LEVELS)[number];
  /** How long a request to upstream may take once it has a connection, in milliseconds. */
  readonly upstreamTimeoutMs: number;
  /** How many requests to upstream may be in flight at once, over all keys. */
  readonly upstreamConnections: number;
  /** How many of them one key may have; at most all. */
  readonly upstreamConnectionsPerKey: number;
  /** For how long answers are cached, in milliseconds. */
  readonly freshness: { readonly activeMs: number; readonly terminalMs: number; readonly holdMs: number };
  /** How large the cache may become. */
  readonly store: { readonly maxEntries: number; readonly maxBytes: number };
  /** How many requests the qBraid API allows each key in a rolling window. */
  readonly rateLimit: { readonly requests: number; readonly windowMs: number };
  /** How many requests to upstream one operation may cause for each key. */
  readonly maxUpstreamRequestsPerOperation: number;
  /** How often watched jobs are polled, in milliseconds: between these two, depending on whether they change. */
  readonly watch: { readonly minIntervalMs: number; readonly maxIntervalMs: number };
  /** How often a quiet event stream sends a keepalive, in milliseconds. */
  readonly sseKeepaliveMs: number;
  /** Whether the playground is served to browsers. */
  readonly graphiql: boolean;
  /** The web origins whose pages may call the gateway: `*` for all, empty for none. */
  readonly corsOrigins: readonly string[];
  /** The TCP port of the sandbox; 0 lets the system choose. */
  readonly sandboxPort: number;
  /** Whether the sandbox answers in the documented or in the recorded shape of the qBraid API. */
  readonly sandboxShape: 'documented' | 'recorded';
}

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

/**
 * Reads the configuration from environment variables. An empty variable counts as not set. `.env.example` lists all
 * variables with their defaults.
 *
 * @throws {GatewayError} `invalid-config` that names every variable at fault, what it requires and what it is.
 */
export function parseConfig(environment: Readonly<Record<string, string | undefined>>): Config {
  const result = schema.safeParse(withoutEmpty(environment));
  if (result.success) return Object.freeze(toConfig(result.data));
  const faults = result.error.issues.map(({ path, message }) => {
    const name = String(path[0]);
    return `  ${name}: ${message}, got ${quote(environment[name])}`;
  });
  throw new GatewayError(
    'invalid-config',
    `The environment has ${faults.length} fault(s):\n${faults.join('\n')}`,
  );
}

const wholeNumber = (min: number, max: number) => {
  const error = `must be a whole number from ${min} to ${max}`;
  return z
    .string()
    .regex(/^\d{1,15}$/, { error, abort: true })
    .transform(Number)
    .refine((value) => value >= min && value <= max, { error });
};

const webAddress = (error: string, accepts: (url: URL) => boolean) =>
  z.string().refine((text) => URL.canParse(text) && accepts(new URL(text)), { error });

const hasHttpProtocol = ({ protocol }: URL) => protocol === 'http:' || protocol === 'https:';

const apiUrl = webAddress(
  'must be an http or https address without credentials, query or fragment',
  (url) => hasHttpProtocol(url) && `${url.username}${url.password}` === '' && !/[?#]/.test(url.href),
).transform((text) => new URL(text).href.replace(/\/+$/, ''));

const origins = z
  .string()
  .transform((text) => text.split(',').map((origin) => origin.trim()))
  .refine(
    (list) => list.every((text) => text === '*' || (URL.canParse(text) && new URL(text).origin === text)),
    {
      error: 'must be * or origins such as https://app.example.com, with commas between them',
    },
  );

const schema = z.object({
  PORT: wholeNumber(0, 65_535).default(4000),
  HOST: z.string().default('127.0.0.1'),
  QBRAID_API_URL: apiUrl.default('https://api-v2.qbraid.com/api/v1'),
  LOG_LEVEL: z.enum(LOG_LEVELS, { error: `must be one of ${LOG_LEVELS.join(', ')}` }).default('info'),
  UPSTREAM_TIMEOUT_MS: wholeNumber(1, 600_000).default(30_000),
  UPSTREAM_CONNECTIONS: wholeNumber(1, 1000).default(256),
  UPSTREAM_CONNECTIONS_PER_KEY: wholeNumber(1, 1000).default(16),
  FRESH_ACTIVE_MS: wholeNumber(0, 3_600_000).default(2000),
  FRESH_TERMINAL_MS: wholeNumber(0, 86_400_000).default(300_000),
  FRESH_HOLD_MS: wholeNumber(0, 86_400_000).default(60_000),
  STORE_MAX_ENTRIES: wholeNumber(1, 10_000_000).default(50_000),
  STORE_MAX_BYTES: wholeNumber(1_048_576, 1_000_000_000_000).default(134_217_728),
  RATE_LIMIT_REQUESTS: wholeNumber(1, 1_000_000).default(1000),
  RATE_LIMIT_WINDOW_MS: wholeNumber(1000, 86_400_000).default(900_000),
  MAX_UPSTREAM_REQUESTS_PER_OPERATION: wholeNumber(1, 10_000).default(60),
  WATCH_MIN_INTERVAL_MS: wholeNumber(100, 3_600_000).default(2000),
  WATCH_MAX_INTERVAL_MS: wholeNumber(100, 3_600_000).default(15_000),
  SSE_KEEPALIVE_MS: wholeNumber(100, 3_600_000).default(12_000),
  NODE_ENV: z.string().optional(),
  GRAPHIQL: z.enum(['true', 'false'], { error: 'must be true or false' }).optional(),
  CORS_ORIGINS: origins.default([]),
  SANDBOX_PORT: wholeNumber(0, 65_535).default(4001),
  SANDBOX_SHAPE: z
    .enum(['documented', 'recorded'], { error: 'must be documented or recorded' })
    .default('documented'),
});

function toConfig(environment: z.infer<typeof schema>): Config {
  return {
    port: environment.PORT,
    host: environment.HOST,
    qbraidApiUrl: environment.QBRAID_API_URL,
    logLevel: environment.LOG_LEVEL,
    upstreamTimeoutMs: environment.UPSTREAM_TIMEOUT_MS,
    upstreamConnections: environment.UPSTREAM_CONNECTIONS,
    upstreamConnectionsPerKey: Math.min(
      environment.UPSTREAM_CONNECTIONS,
      environment.UPSTREAM_CONNECTIONS_PER_KEY,
    ),
    freshness: {
      activeMs: environment.FRESH_ACTIVE_MS,
      terminalMs: environment.FRESH_TERMINAL_MS,
      holdMs: environment.FRESH_HOLD_MS,
    },
    store: { maxEntries: environment.STORE_MAX_ENTRIES, maxBytes: environment.STORE_MAX_BYTES },
    rateLimit: { requests: environment.RATE_LIMIT_REQUESTS, windowMs: environment.RATE_LIMIT_WINDOW_MS },
    maxUpstreamRequestsPerOperation: environment.MAX_UPSTREAM_REQUESTS_PER_OPERATION,
    watch: {
      minIntervalMs: environment.WATCH_MIN_INTERVAL_MS,
      maxIntervalMs: Math.max(environment.WATCH_MIN_INTERVAL_MS, environment.WATCH_MAX_INTERVAL_MS),
    },
    sseKeepaliveMs: environment.SSE_KEEPALIVE_MS,
    graphiql: environment.GRAPHIQL ? environment.GRAPHIQL === 'true' : environment.NODE_ENV !== 'production',
    corsOrigins: environment.CORS_ORIGINS,
    sandboxPort: environment.SANDBOX_PORT,
    sandboxShape: environment.SANDBOX_SHAPE,
  };
}

function withoutEmpty(environment: Readonly<Record<string, string | undefined>>) {
  return Object.fromEntries(Object.entries(environment).filter(([, value]) => value?.trim() !== ''));
}

/** A value for a message, without the credentials of an address. */
function quote(value: string | undefined): string {
  return JSON.stringify(value).replace(/\/\/[^/]*@/, '//[redacted]@');
}

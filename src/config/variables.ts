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

/** What the documentation says of a variable. Its default is in its type. */
interface VariableFacts {
  /** Plain sentences. `docs/x.md` becomes a link. The unit is in the name of the variable. */
  readonly about: string;
  /** The default in words, where it depends on other variables. */
  readonly usual: string | null;
}

/** The facts of each variable, by its type. */
export const variableFacts = z.registry<VariableFacts>();

function described<Type extends z.ZodMiniType>(about: string, type: Type, usual: string | null = null): Type {
  variableFacts.add(type, { about, usual });
  return type;
}

/** The default of what is for developers. */
const OPEN = 'true, but false in production';

const server = {
  PORT: described('The port to listen on. 0 lets the system choose.', wholeNumber(0, 65_535, 4000)),
  HOST: described(
    'The address to listen on. 0.0.0.0 is every IPv4 address of the machine.',
    z._default(z.string(), '127.0.0.1'),
  ),
  NODE_ENV: described(
    'The environment. `production` closes what is for developers: the playground, introspection, suggestions and debugging. `development`, `test` and no value leave it open. Any other value is refused.',
    z.optional(oneOf(['production', 'development', 'test'])),
  ),
  SHUTDOWN_DELAY_MS: described(
    'How long `/ready` says no, while the gateway still answers, before it closes.',
    wholeNumber(0, 600_000, 0),
  ),
  SHUTDOWN_TIMEOUT_MS: described(
    'How long the requests in flight may take when the gateway closes.',
    wholeNumber(0, 600_000, 10_000),
  ),
};

const upstream = {
  QBRAID_API_URL: described(
    'The base address of the qBraid API.',
    z._default(apiUrl, 'https://api-v2.qbraid.com/api/v1'),
  ),
  UPSTREAM_TIMEOUT_MS: described(
    'How long a request to the qBraid API may take in all, once it has a connection.',
    wholeNumber(1, 600_000, 20_000),
  ),
  UPSTREAM_CONNECT_TIMEOUT_MS: described(
    'How long a connection may take to open.',
    wholeNumber(1, 600_000, 5000),
  ),
  UPSTREAM_HEADERS_TIMEOUT_MS: described(
    'How long an answer may take to begin.',
    wholeNumber(1, 600_000, 10_000),
  ),
  UPSTREAM_BODY_TIMEOUT_MS: described('How long an answer may pause.', wholeNumber(1, 600_000, 10_000)),
  UPSTREAM_QUEUE_TIMEOUT_MS: described(
    'How long a request may wait for a free connection.',
    wholeNumber(1, 600_000, 5000),
  ),
  UPSTREAM_CONNECTIONS: described(
    'How many requests to the qBraid API may be in flight at once. Each has a connection of its own.',
    wholeNumber(1, 1000, 256),
  ),
  UPSTREAM_CONNECTIONS_PER_KEY: described(
    'How many of these requests one key may have, at most UPSTREAM_CONNECTIONS.',
    wholeNumber(1, 1000, 16),
  ),
  MAX_RESULT_BYTES: described(
    'How large the result of a job may be. A larger one fails with ANSWER_TOO_LARGE.',
    wholeNumber(1024, 16_777_216, 4_194_304),
  ),
  HTTP_PROXY: described(
    'The proxy for a QBRAID_API_URL with `http:`, such as http://proxy.example.com:3128.',
    z.optional(proxyUrl),
  ),
  HTTPS_PROXY: described(
    'The proxy for a QBRAID_API_URL with `https:`. Without it, HTTP_PROXY is used.',
    z.optional(proxyUrl),
  ),
  NO_PROXY: described(
    'The hosts that are reached without a proxy, with commas between them. `*` is all.',
    z._default(z.string(), ''),
  ),
};

const caches = {
  FRESH_ACTIVE_MS: described(
    'How long jobs that may still change, lists and counts are cached. 0 disables this cache.',
    wholeNumber(0, 3_600_000, 2000),
  ),
  FRESH_TERMINAL_MS: described(
    'How long jobs that have ended and have their cost are cached. 0 disables this cache.',
    wholeNumber(0, 86_400_000, 300_000),
  ),
  FRESH_HOLD_MS: described(
    'How long jobs on hold are cached. Waiting does not change them. 0 disables this cache.',
    wholeNumber(0, 86_400_000, 60_000),
  ),
  STALE_IF_ERROR_MS: described(
    'How long after that a cached answer is still given, marked as stale, while the qBraid API is down or slow. 0 disables it.',
    wholeNumber(0, 86_400_000, 60_000),
  ),
  STORE_MAX_ENTRIES: described(
    'How many jobs and lists are cached at most, over all keys.',
    wholeNumber(1, 10_000_000, 50_000),
  ),
  STORE_MAX_BYTES: described(
    'How much memory these jobs and lists may take.',
    wholeNumber(1_048_576, 1_000_000_000_000, 134_217_728),
  ),
  ANSWER_CACHE_BYTES: described(
    'How much memory whole answers may take. They are given again while the data in them has not changed. 0 disables this cache.',
    wholeNumber(0, 1_000_000_000_000, 33_554_432),
  ),
  DOCUMENT_CACHE_BYTES: described(
    'How much memory parsed documents may take, with their plans. 0 disables this cache.',
    wholeNumber(0, 1_000_000_000, 8_388_608),
  ),
};

const budgets = {
  RATE_LIMIT_REQUESTS: described(
    'How many requests the qBraid API allows each key in a rolling window.',
    wholeNumber(1, 1_000_000, 1000),
  ),
  RATE_LIMIT_WINDOW_MS: described('The length of that window.', wholeNumber(1000, 86_400_000, 900_000)),
  MAX_UPSTREAM_REQUESTS_PER_OPERATION: described(
    'How many requests to the qBraid API one operation may cause for each key.',
    wholeNumber(1, 10_000, 60),
  ),
  MAX_REFUSED_KEYS: described(
    'How many refused keys one client address may send in a window. After that, its keys that have not worked yet must wait.',
    wholeNumber(1, 10_000, 30),
  ),
  TRUSTED_PROXIES: described(
    'The proxies whose `X-Forwarded-For` is believed: addresses and networks with commas between them, such as 10.0.0.0/8,192.168.1.7.',
    z._default(networks, []),
  ),
};

const operations = {
  ENABLE_MUTATIONS: described(
    'Whether clients may cancel jobs: `true` or `false`. Without it, `cancelJob` fails with MUTATIONS_DISABLED.',
    z._default(trueOrFalse, false),
  ),
  OPERATION_TIMEOUT_MS: described(
    'How long one operation, or one event of a subscription, may take.',
    wholeNumber(1, 600_000, 30_000),
  ),
  MAX_OPERATION_COST: described(
    'How many fields the answer of one operation may have. See docs/limits.md.',
    wholeNumber(100, 100_000_000, 100_000),
  ),
  MAX_ANSWER_BYTES: described(
    'How large the answer of one operation may be.',
    wholeNumber(1024, 1_000_000_000, 10_485_760),
  ),
  MAX_DOCUMENT_BYTES: described('How large a document may be.', wholeNumber(1024, 10_000_000, 65_536)),
  MAX_TOKENS: described('How many tokens a document may have.', wholeNumber(10, 100_000, 2000)),
  MAX_DEPTH: described('How deep the fields of a document may be nested.', wholeNumber(1, 500, 20)),
  MAX_ALIASES: described('How many aliases a document may have.', wholeNumber(0, 100_000, 100)),
  MAX_DIRECTIVES: described('How many directives a document may have.', wholeNumber(0, 100_000, 50)),
  MAX_ROOT_FIELDS: described(
    'How many fields an operation may have at its root.',
    wholeNumber(1, 100_000, 100),
  ),
};

const requests = {
  MAX_REQUEST_BODY_BYTES: described(
    'How large the body of a request may be.',
    wholeNumber(1024, 100_000_000, 262_144),
  ),
  MAX_REQUEST_HEADERS_BYTES: described(
    'How large the headers of a request may be. Twenty keys take up to 11,000 bytes.',
    wholeNumber(1024, 1_000_000, 16_384),
  ),
  REQUEST_HEADERS_TIMEOUT_MS: described(
    'How long the headers of a request may take to arrive.',
    wholeNumber(1, 600_000, 10_000),
  ),
  REQUEST_TIMEOUT_MS: described(
    'How long a whole request may take to arrive.',
    wholeNumber(1, 600_000, 20_000),
  ),
  MAX_OPERATIONS_IN_FLIGHT: described(
    'How many operations may be in flight. More are refused at once.',
    wholeNumber(1, 1_000_000, 1000),
  ),
  MAX_EVENT_LOOP_DELAY_MS: described(
    'How late the process may be, on average, before it refuses operations.',
    wholeNumber(10, 600_000, 200),
  ),
};

const live = {
  WATCH_MIN_INTERVAL_MS: described(
    'How often watched jobs are polled while they change.',
    wholeNumber(100, 3_600_000, 2000),
  ),
  WATCH_MAX_INTERVAL_MS: described(
    'How often watched jobs are polled while they do not change.',
    wholeNumber(100, 3_600_000, 15_000),
  ),
  SSE_KEEPALIVE_MS: described(
    'How often a quiet event stream sends a comment, so that proxies keep it open.',
    wholeNumber(100, 3_600_000, 12_000),
  ),
  MAX_STREAMS: described('How many event streams may be open at once.', wholeNumber(0, 1_000_000, 1000)),
  MAX_STREAMS_PER_KEY: described(
    'How many of them may be open with one key.',
    wholeNumber(0, 1_000_000, 200),
  ),
  STREAM_UNREAD_TIMEOUT_MS: described(
    'How long a client may leave an event stream unread before it is ended.',
    wholeNumber(100, 3_600_000, 60_000),
  ),
};

const clients = {
  GRAPHIQL: described(
    'Whether browsers get the playground: `true` or `false`.',
    z.optional(trueOrFalse),
    OPEN,
  ),
  INTROSPECTION: described(
    'Whether clients may ask for the schema: `true` or `false`.',
    z.optional(trueOrFalse),
    OPEN,
  ),
  FIELD_SUGGESTIONS: described(
    'Whether errors name similar fields and types of the schema: `true` or `false`.',
    z.optional(trueOrFalse),
    OPEN,
  ),
  CSRF_PREVENTION: described(
    'Whether GET requests need a header that pages of other sites cannot send: `true` or `false`. See docs/security.md.',
    z.optional(trueOrFalse),
    'false, but true in production',
  ),
  KEYRINGS_FILE: described(
    'The file of the key rings, with which clients send a token in place of keys. SIGHUP reads it again. See docs/keys.md.',
    z.optional(z.string()),
  ),
  CORS_ORIGINS: described(
    'The web pages that may call the gateway: `*` for all, or origins with commas between them, such as https://app.example.com,https://lab.example.com. The playground of the gateway always may.',
    z._default(origins, []),
  ),
  PERSISTED_OPERATIONS: described(
    'The file of the persisted operations: a manifest of Relay, Apollo or GraphQL Code Generator. See docs/persisted-operations.md.',
    z.optional(z.string()),
  ),
  PERSISTED_ONLY: described(
    'Whether only persisted operations are executed: `true` or `false`.',
    z._default(trueOrFalse, false),
  ),
  APQ_CACHE_BYTES: described(
    'How much memory automatic persisted queries may take. 0 disables them.',
    wholeNumber(0, 1_000_000_000, 4_194_304),
  ),
};

const replicas = {
  REDIS_URL: described(
    'The Redis or Valkey server over which several replicas work as one: `redis:`, `rediss:` (TLS) or `unix:` (a socket), such as rediss://user:password@redis.example.com:6379. Without it, each replica works alone. See docs/deploying.md.',
    z.optional(redisUrl),
  ),
  FLEET_SECRET: described(
    'What seals all data on that server: at least 32 bytes, the same for all replicas, such as `openssl rand -base64 32` makes. A list with commas changes it: see docs/deploying.md. REDIS_URL needs it.',
    z.optional(secrets),
  ),
  FLEET_SIZE: described(
    'The largest number of replicas that ever run at once, also during an update, from 1 to 1000. REDIS_URL needs it.',
    wholeNumberOrNone(1, 1000, 3),
  ),
};

const logs = {
  LOG_LEVEL: described(
    'The least level that is logged: `fatal`, `error`, `warn`, `info`, `debug`, `trace`, or `silent` for nothing.',
    z._default(oneOf(LOG_LEVELS), 'info'),
  ),
  ACCESS_LOG_LEVEL: described(
    'The level of the one line about each operation. `silent` is no line.',
    z._default(oneOf(LOG_LEVELS), 'info'),
  ),
  ACCESS_LOG_SHARE: described(
    'The share of the operations that get this line, from 0 to 1. Operations that failed always do.',
    z._default(share, 1),
  ),
  METRICS_PORT: described(
    'The port of the metrics for Prometheus, on HOST. 0 lets the system choose. Without it, there are no metrics. See docs/operations.md.',
    wholeNumberOrNone(0, 65_535, 9464),
  ),
};

const sandbox = {
  SANDBOX_PORT: described(
    'The port of the sandbox (`npm run demo`, `npm run sandbox`). 0 lets the system choose.',
    wholeNumber(0, 65_535, 4001),
  ),
  SANDBOX_SHAPE: described(
    'How the sandbox answers: as the qBraid API is `documented`, or as it was `recorded`.',
    z._default(oneOf(['documented', 'recorded']), 'documented'),
  ),
};

/**
 * Every variable by the title of its group. `npm run generate` makes `docs/configuration.md` and `.env.example` of this, in
 * this order.
 */
export const variableGroups = {
  'The server': server,
  'The qBraid API': upstream,
  Caches: caches,
  'Budgets of keys': budgets,
  'Limits of operations': operations,
  'Limits of HTTP requests': requests,
  'Live updates': live,
  'Browsers and clients': clients,
  'Several replicas': replicas,
  'Logs and metrics': logs,
  'The sandbox': sandbox,
};

/** Every variable. */
export const variables = z.object({
  ...server,
  ...upstream,
  ...caches,
  ...budgets,
  ...operations,
  ...requests,
  ...live,
  ...clients,
  ...replicas,
  ...logs,
  ...sandbox,
});

import { describe, expect, test } from 'vitest';
import { parseConfig } from '../../src/config/parse-config.ts';
import { GatewayError } from '../../src/lib/gateway-error.ts';

const defaults = {
  port: 4000,
  host: '127.0.0.1',
  metricsPort: null,
  qbraidApiUrl: 'https://api-v2.qbraid.com/api/v1',
  logLevel: 'info',
  answerCacheBytes: 33_554_432,
  accessLog: { level: 'info', share: 1 },
  upstream: {
    timeoutMs: 20_000,
    connectTimeoutMs: 5000,
    headersTimeoutMs: 10_000,
    bodyTimeoutMs: 10_000,
    queueTimeoutMs: 5000,
    connections: 256,
    connectionsPerKey: 16,
    maxResultBytes: 4_194_304,
    proxy: { http: null, https: null, except: '' },
  },
  freshness: { activeMs: 2000, terminalMs: 300_000, holdMs: 60_000 },
  staleIfErrorMs: 60_000,
  store: { maxEntries: 50_000, maxBytes: 134_217_728 },
  rateLimit: { requests: 1000, windowMs: 900_000 },
  fleet: null,
  operation: {
    timeoutMs: 30_000,
    maxUpstreamRequests: 60,
    maxCost: 100_000,
    maxAnswerBytes: 10_485_760,
    mutations: false,
  },
  document: {
    maxBytes: 65_536,
    maxTokens: 2000,
    maxDepth: 20,
    maxAliases: 100,
    maxDirectives: 50,
    maxRootFields: 100,
    cacheBytes: 8_388_608,
  },
  http: {
    maxBodyBytes: 262_144,
    maxHeadersBytes: 16_384,
    headersTimeoutMs: 10_000,
    requestTimeoutMs: 20_000,
  },
  overload: { maxOperationsInFlight: 1000, maxEventLoopDelayMs: 200 },
  watch: { minIntervalMs: 2000, maxIntervalMs: 15_000 },
  streams: { keepaliveMs: 12_000, max: 1000, maxPerKey: 200, unreadTimeoutMs: 60_000 },
  clients: {
    keyRingsPath: null as string | null,
    corsOrigins: [] as string[],
    trustedProxies: [] as string[],
    maxRefusedKeys: 30,
  },
  exposure: {
    graphiql: true,
    introspection: true,
    fieldSuggestions: true,
    csrfPrevention: false,
    debugUpstream: true,
  },
  persisted: { path: null, only: false, apqCacheBytes: 4_194_304 },
  shutdown: { delayMs: 0, timeoutMs: 10_000 },
  sandboxPort: 4001,
  sandboxShape: 'documented',
};

const closed = {
  graphiql: false,
  introspection: false,
  fieldSuggestions: false,
  csrfPrevention: true,
  debugUpstream: false,
};

/** The variables that are whole numbers, their bounds, and where they end up. */
const numbers: [name: string, min: number, max: number, path: string][] = [
  ['PORT', 0, 65_535, 'port'],
  ['METRICS_PORT', 0, 65_535, 'metricsPort'],
  ['UPSTREAM_TIMEOUT_MS', 1, 600_000, 'upstream.timeoutMs'],
  ['UPSTREAM_CONNECT_TIMEOUT_MS', 1, 600_000, 'upstream.connectTimeoutMs'],
  ['UPSTREAM_HEADERS_TIMEOUT_MS', 1, 600_000, 'upstream.headersTimeoutMs'],
  ['UPSTREAM_BODY_TIMEOUT_MS', 1, 600_000, 'upstream.bodyTimeoutMs'],
  ['UPSTREAM_QUEUE_TIMEOUT_MS', 1, 600_000, 'upstream.queueTimeoutMs'],
  ['UPSTREAM_CONNECTIONS', 1, 1000, 'upstream.connections'],
  ['UPSTREAM_CONNECTIONS_PER_KEY', 1, 1000, 'upstream.connectionsPerKey'],
  ['MAX_RESULT_BYTES', 1024, 16_777_216, 'upstream.maxResultBytes'],
  ['FRESH_ACTIVE_MS', 0, 3_600_000, 'freshness.activeMs'],
  ['FRESH_TERMINAL_MS', 0, 86_400_000, 'freshness.terminalMs'],
  ['FRESH_HOLD_MS', 0, 86_400_000, 'freshness.holdMs'],
  ['STALE_IF_ERROR_MS', 0, 86_400_000, 'staleIfErrorMs'],
  ['STORE_MAX_ENTRIES', 1, 10_000_000, 'store.maxEntries'],
  ['STORE_MAX_BYTES', 1_048_576, 1_000_000_000_000, 'store.maxBytes'],
  ['RATE_LIMIT_REQUESTS', 1, 1_000_000, 'rateLimit.requests'],
  ['RATE_LIMIT_WINDOW_MS', 1000, 86_400_000, 'rateLimit.windowMs'],
  ['MAX_REFUSED_KEYS', 1, 10_000, 'clients.maxRefusedKeys'],
  ['OPERATION_TIMEOUT_MS', 1, 600_000, 'operation.timeoutMs'],
  ['MAX_UPSTREAM_REQUESTS_PER_OPERATION', 1, 10_000, 'operation.maxUpstreamRequests'],
  ['MAX_OPERATION_COST', 100, 100_000_000, 'operation.maxCost'],
  ['MAX_ANSWER_BYTES', 1024, 1_000_000_000, 'operation.maxAnswerBytes'],
  ['MAX_DOCUMENT_BYTES', 1024, 10_000_000, 'document.maxBytes'],
  ['MAX_TOKENS', 10, 100_000, 'document.maxTokens'],
  ['MAX_DEPTH', 1, 500, 'document.maxDepth'],
  ['MAX_ALIASES', 0, 100_000, 'document.maxAliases'],
  ['MAX_DIRECTIVES', 0, 100_000, 'document.maxDirectives'],
  ['MAX_ROOT_FIELDS', 1, 100_000, 'document.maxRootFields'],
  ['DOCUMENT_CACHE_BYTES', 0, 1_000_000_000, 'document.cacheBytes'],
  ['MAX_REQUEST_BODY_BYTES', 1024, 100_000_000, 'http.maxBodyBytes'],
  ['MAX_REQUEST_HEADERS_BYTES', 1024, 1_000_000, 'http.maxHeadersBytes'],
  ['REQUEST_HEADERS_TIMEOUT_MS', 1, 600_000, 'http.headersTimeoutMs'],
  ['REQUEST_TIMEOUT_MS', 1, 600_000, 'http.requestTimeoutMs'],
  ['MAX_OPERATIONS_IN_FLIGHT', 1, 1_000_000, 'overload.maxOperationsInFlight'],
  ['MAX_EVENT_LOOP_DELAY_MS', 10, 600_000, 'overload.maxEventLoopDelayMs'],
  ['WATCH_MIN_INTERVAL_MS', 100, 3_600_000, 'watch.minIntervalMs'],
  ['WATCH_MAX_INTERVAL_MS', 100, 3_600_000, 'watch.maxIntervalMs'],
  ['SSE_KEEPALIVE_MS', 100, 3_600_000, 'streams.keepaliveMs'],
  ['MAX_STREAMS', 0, 1_000_000, 'streams.max'],
  ['MAX_STREAMS_PER_KEY', 0, 1_000_000, 'streams.maxPerKey'],
  ['STREAM_UNREAD_TIMEOUT_MS', 100, 3_600_000, 'streams.unreadTimeoutMs'],
  ['APQ_CACHE_BYTES', 0, 1_000_000_000, 'persisted.apqCacheBytes'],
  ['SHUTDOWN_DELAY_MS', 0, 600_000, 'shutdown.delayMs'],
  ['SHUTDOWN_TIMEOUT_MS', 0, 600_000, 'shutdown.timeoutMs'],
  ['SANDBOX_PORT', 0, 65_535, 'sandboxPort'],
];

/** The value that a message names: the default, and for the metrics, which have none, the usual port. */
function exampleOf(path: string): unknown {
  const config: unknown = defaults;
  const value = path.split('.').reduce((part, name) => (part as Record<string, unknown>)[name], config);
  return value ?? 9464;
}

/** What is said about an environment that cannot be used. */
function complain(environment: Record<string, string>): string {
  try {
    parseConfig(environment);
  } catch (error) {
    if (error instanceof GatewayError) return error.message;
    throw error;
  }
  return 'nothing';
}

describe('the configuration', () => {
  test('has a default for everything', () => {
    expect(parseConfig({})).toEqual(defaults);
  });

  test.each(numbers)('takes a %s from %i to %i', (name, min, max, path) => {
    const environment = { WATCH_MIN_INTERVAL_MS: '100', UPSTREAM_CONNECTIONS: '1000' };
    expect(parseConfig({ ...environment, [name]: String(min) })).toHaveProperty(path, min);
    expect(parseConfig({ ...environment, [name]: String(max) })).toHaveProperty(path, max);
  });

  test.each(numbers)(
    'refuses a %s below %i or above %i, and what is no whole number',
    (name, min, max, path) => {
      const values = [String(min - 1), String(max + 1), `${max}.5`, `${max}s`, '0x50', '1e3', 'x'];
      expect(values.map((value) => complain({ [name]: value }))).toEqual(
        values.map(
          (value) =>
            `The environment has 1 fault(s):\n  ${name}: must be a whole number from ${min} to ${max}, such as ${exampleOf(path)}, got "${value}"`,
        ),
      );
    },
  );

  test('gives a key no more connections than there are', () => {
    const { upstream } = parseConfig({ UPSTREAM_CONNECTIONS: '8' });
    expect(upstream.connectionsPerKey).toBe(8);
  });

  test('never watches less often than it must', () => {
    const { watch } = parseConfig({ WATCH_MIN_INTERVAL_MS: '20000' });
    expect(watch).toEqual({ minIntervalMs: 20_000, maxIntervalMs: 20_000 });
  });

  test.each<[name: string, value: string, expected: object]>([
    ['HOST', '0.0.0.0', { host: '0.0.0.0' }],
    ['QBRAID_API_URL', 'http://localhost:4001/api/v1', { qbraidApiUrl: 'http://localhost:4001/api/v1' }],
    ['QBRAID_API_URL', 'http://localhost:4001/api/v1//', { qbraidApiUrl: 'http://localhost:4001/api/v1' }],
    ['QBRAID_API_URL', ' https://api.example.com ', { qbraidApiUrl: 'https://api.example.com' }],
    ['LOG_LEVEL', 'silent', { logLevel: 'silent' }],
    ['LOG_LEVEL', 'trace', { logLevel: 'trace' }],
    ['NODE_ENV', 'production', { exposure: closed }],
    ['NODE_ENV', 'development', {}],
    ['NODE_ENV', 'test', {}],
    ['GRAPHIQL', 'false', { exposure: { ...defaults.exposure, graphiql: false } }],
    [
      'KEYRINGS_FILE',
      '/etc/rings.json',
      { clients: { ...defaults.clients, keyRingsPath: '/etc/rings.json' } },
    ],
    ['CORS_ORIGINS', '*', { clients: { ...defaults.clients, corsOrigins: ['*'] } }],
    [
      'CORS_ORIGINS',
      'https://a.example, http://localhost:3000',
      {
        clients: { ...defaults.clients, corsOrigins: ['https://a.example', 'http://localhost:3000'] },
      },
    ],
    ['ENABLE_MUTATIONS', 'true', { operation: { ...defaults.operation, mutations: true } }],
    ['SANDBOX_SHAPE', 'recorded', { sandboxShape: 'recorded' }],
    ['SOMETHING_ELSE', 'x', {}],
  ])('takes %s=%s', (name, value, expected) => {
    expect(parseConfig({ [name]: value })).toEqual({ ...defaults, ...expected });
  });

  test.each([
    ...numbers.map(([name]) => name),
    'HOST',
    'QBRAID_API_URL',
    'LOG_LEVEL',
    'NODE_ENV',
    'GRAPHIQL',
    'CORS_ORIGINS',
    'SANDBOX_SHAPE',
  ])('takes an empty %s for one that is not set', (name) => {
    expect([parseConfig({ [name]: '' }), parseConfig({ [name]: '  ' })]).toEqual([
      parseConfig({}),
      parseConfig({}),
    ]);
  });

  test('serves the playground in production if asked to', () => {
    expect(parseConfig({ NODE_ENV: 'production', GRAPHIQL: 'true' }).exposure.graphiql).toBe(true);
  });

  test('cannot be changed', () => {
    expect(Object.isFrozen(parseConfig({}))).toBe(true);
  });

  test.each([
    ['QBRAID_API_URL', 'api.example.com', 'must be an http or https address'],
    ['QBRAID_API_URL', 'ftp://api.example.com', 'must be an http or https address'],
    ['QBRAID_API_URL', 'https://api.example.com/v1?', 'without credentials, query or fragment'],
    ['QBRAID_API_URL', 'https://api.example.com/v1#', 'without credentials, query or fragment'],
    ['NODE_ENV', 'prod', 'must be one of production, development, test'],
    ['NODE_ENV', 'Production', 'must be one of production, development, test'],
    ['LOG_LEVEL', 'loud', 'must be one of fatal, error, warn, info, debug, trace, silent'],
    ['GRAPHIQL', 'yes', 'must be true or false'],
    ['ACCESS_LOG_SHARE', '2', 'must be a number from 0 to 1, such as 0.1'],
    ['HTTPS_PROXY', 'proxy:3128', 'must be an http or https address, such as http://proxy.example.com:3128'],
    ['https_proxy', 'proxy:3128', 'must be an http or https address, such as http://proxy.example.com:3128'],
    ['TRUSTED_PROXIES', 'proxy', 'must be IP addresses or networks such as 10.0.0.0/8'],
    ['CORS_ORIGINS', 'https://a.example/', 'must be * or origins such as'],
    ['CORS_ORIGINS', 'a.example', 'must be * or origins such as'],
    ['CORS_ORIGINS', 'null', 'must be * or origins such as'],
    ['CORS_ORIGINS', 'https://a.example,', 'must be * or origins such as'],
    ['SANDBOX_SHAPE', 'live', 'must be one of documented, recorded'],
  ])('refuses %s=%s', (name, value, requirement) => {
    const complaint = complain({ [name]: value });
    expect(complaint.split('\n')).toHaveLength(2);
    expect(complaint).toContain(`\n  ${name}: `);
    expect(complaint).toContain(requirement);
    expect(complaint).toContain(`, got ${JSON.stringify(value)}`);
  });

  test.each([
    ['QBRAID_API_URL', 'https://me:secret@api.example.com', 'https://[redacted]@api.example.com'],
    ['QBRAID_API_URL', 'https://api.example.com/v1?key=secret', 'https://api.example.com/v1?[redacted]'],
    ['QBRAID_API_URL', 'https://api.example.com/v1#secret', 'https://api.example.com/v1#[redacted]'],
    ['HTTPS_PROXY', 'socks5://me:sec/ret@proxy:1080', 'socks5://[redacted]@proxy:1080'],
    ['HTTPS_PROXY', 'me:secret@proxy:3128', '[redacted]@proxy:3128'],
    ['HTTP_PROXY', 'http://me:100%pure@proxy:3128', 'http://[redacted]@proxy:3128'],
    ['HTTP_PROXY', 'http://me:secret', 'http://me:[redacted]'],
    ['HTTP_PROXY', 'http://me:123secret/', 'http://me:[redacted]'],
    ['HTTP_PROXY', 'me:secret', 'me:[redacted]'],
    ['QBRAID_API_URL', 'https://me:secret', 'https://me:[redacted]'],
    ['QBRAID_API_URL', 'ftp://api.example.com:8080/v1', 'ftp://api.example.com:8080/v1'],
    ['CORS_ORIGINS', 'https://a.example,https://me:secret@b.example', 'https://[redacted]@b.example'],
  ])('refuses %s=%s without printing what may be secret in it', (name, value, shown) => {
    expect(complain({ [name]: value }).split(', got ')[1]).toBe(JSON.stringify(shown));
  });

  test.each([
    [{ https_proxy: 'http://lower:1' }, 'http://lower:1'],
    [{ HTTPS_PROXY: 'http://upper:1', https_proxy: 'http://lower:1' }, 'http://upper:1'],
    [{ HTTPS_PROXY: ' ', https_proxy: 'http://lower:1' }, 'http://lower:1'],
  ])('of %j takes the proxy %s', (environment, proxy) => {
    expect(parseConfig(environment).upstream.proxy.https).toBe(proxy);
  });

  test('names every fault at once', () => {
    const faults = { PORT: 'x', LOG_LEVEL: 'x', UPSTREAM_TIMEOUT_MS: 'x', GRAPHIQL: 'x', CORS_ORIGINS: 'x' };
    const [title, ...lines] = complain({ ...faults, HOST: 'fine' }).split('\n');
    expect(title).toBe('The environment has 5 fault(s):');
    expect(lines.map((line) => line.trim().split(':')[0]).sort()).toEqual(Object.keys(faults).sort());
  });
});

describe('the configuration of several replicas', () => {
  const secret = 'a secret of more than 32 characters';
  const next = 'the secret that comes after the first one';
  const fleet = { REDIS_URL: 'redis://redis:6379', FLEET_SECRET: secret, FLEET_SIZE: '3' };

  test('is what REDIS_URL, FLEET_SECRET and FLEET_SIZE say together', () => {
    expect(parseConfig(fleet)).toEqual({
      ...defaults,
      fleet: { redisUrl: 'redis://redis:6379', secrets: [secret], size: 3 },
    });
  });

  test('is none where all three are empty', () => {
    expect(parseConfig({ REDIS_URL: '', FLEET_SECRET: ' ', FLEET_SIZE: '' }).fleet).toBeNull();
  });

  test.each([
    'redis://redis',
    'redis://redis:6379/2',
    'rediss://me:pass%23word@redis.example.com:6380/',
    'redis://:password@[::1]:6379',
    'unix:///run/valkey/valkey.sock',
    'unix://me:password@/run/valkey/valkey.sock?db=2',
  ])('takes REDIS_URL=%s', (url) => {
    expect(parseConfig({ ...fleet, REDIS_URL: ` ${url} ` }).fleet?.redisUrl).toBe(url);
  });

  test.each([
    'secret',
    'redis:secret',
    'redis://:secret',
    'redis://secret@',
    'redis:///secret',
    'redis://me:sec#ret@redis:6379',
    'redis://me:12#secret@redis:6379',
    'redis://me:12/secret@redis:6379',
    'redis://me:12?secret@redis:6379',
    'redis://me:secret%@redis:6379',
    'redis://me:secret%ff@redis:6379',
    'redis://redis:6379/0?password=secret',
    'http://me:secret@redis:6379',
    'unix:secret',
    'unix:///',
    'unix://me:secret@host/run/valkey.sock',
  ])('refuses REDIS_URL=%s, and shows nothing of it', (url) => {
    expect(complain({ ...fleet, REDIS_URL: url })).toBe(
      [
        'The environment has 1 fault(s):',
        '  REDIS_URL: must be an address with redis:, rediss: or unix:, such as rediss://user:password@redis.example.com:6379, got [redacted]',
      ].join('\n'),
    );
  });

  test('takes the secrets in their order', () => {
    const { fleet: found } = parseConfig({ ...fleet, FLEET_SECRET: `${next}, ${secret}` });
    expect(found?.secrets).toEqual([next, secret]);
  });

  test.each(['x'.repeat(32), 'ä'.repeat(16)])('takes the secret %s of 32 bytes', (text) => {
    expect(parseConfig({ ...fleet, FLEET_SECRET: text }).fleet?.secrets).toEqual([text]);
  });

  test.each(['x'.repeat(31), 'ä'.repeat(15), `${secret},`, `${secret},short`, `,${secret}`])(
    'refuses the secret %s, and shows nothing of it',
    (text) => {
      expect(complain({ ...fleet, FLEET_SECRET: text })).toBe(
        [
          'The environment has 1 fault(s):',
          '  FLEET_SECRET: must have at least 32 bytes, or be a list of such secrets with commas between them: make one with openssl rand -base64 32, got [redacted]',
        ].join('\n'),
      );
    },
  );

  test.each(['0', '1001', '2.5', 'three'])('refuses a FLEET_SIZE of %s', (size) => {
    expect(complain({ ...fleet, FLEET_SIZE: size })).toContain(
      `\n  FLEET_SIZE: must be a whole number from 1 to 1000, such as 3, got "${size}"`,
    );
  });

  const advice = {
    REDIS_URL:
      'the address of the Redis server that the replicas share, such as rediss://redis.example.com:6379',
    FLEET_SECRET: 'at least 32 bytes, the same for all replicas, such as openssl rand -base64 32 makes',
    FLEET_SIZE: 'the largest number of replicas, such as 3',
  };

  test.each<[set: (keyof typeof fleet)[], missing: (keyof typeof fleet)[]]>([
    [['REDIS_URL'], ['FLEET_SECRET', 'FLEET_SIZE']],
    [['FLEET_SECRET'], ['REDIS_URL', 'FLEET_SIZE']],
    [['FLEET_SIZE'], ['REDIS_URL', 'FLEET_SECRET']],
    [['REDIS_URL', 'FLEET_SECRET'], ['FLEET_SIZE']],
    [['REDIS_URL', 'FLEET_SIZE'], ['FLEET_SECRET']],
    [['FLEET_SECRET', 'FLEET_SIZE'], ['REDIS_URL']],
  ])('of %j alone, says that %j must be set', (set, missing) => {
    const environment = Object.fromEntries(set.map((name) => [name, fleet[name]]));
    expect(complain(environment)).toBe(
      [
        `The environment has ${missing.length} fault(s):`,
        ...missing.map((name) => `  ${name}: must be set where ${set[0]} is: ${advice[name]}, got nothing`),
      ].join('\n'),
    );
  });

  test('is told of with all other faults', () => {
    const lines = complain({ PORT: 'x', REDIS_URL: 'x', FLEET_SECRET: 'x' }).split('\n');
    expect(lines.map((line) => line.trim().split(':')[0])).toEqual([
      'The environment has 4 fault(s)',
      'PORT',
      'REDIS_URL',
      'FLEET_SECRET',
      'FLEET_SIZE',
    ]);
  });
});

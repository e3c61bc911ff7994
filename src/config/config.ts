import type { LOG_LEVELS } from './variables.ts';

/** All settings. They are read once, at the start. Times are in milliseconds, sizes in bytes. */
export interface Config {
  /** The TCP port to listen on; 0 lets the system choose. */
  readonly port: number;
  /** The address to listen on. */
  readonly host: string;
  /** The port of the metrics, on the same address; 0 lets the system choose, null is none. */
  readonly metricsPort: number | null;
  /** The base address of the qBraid API, without a slash at its end. */
  readonly qbraidApiUrl: string;
  readonly logLevel: (typeof LOG_LEVELS)[number];
  readonly accessLog: AccessLogConfig;
  readonly upstream: UpstreamConfig;
  /** For how long answers are cached. */
  readonly freshness: { readonly activeMs: number; readonly terminalMs: number; readonly holdMs: number };
  /** For how long after it is fresh an answer may stand for one that upstream fails to give; 0 for not at all. */
  readonly staleIfErrorMs: number;
  /** How large the cache may become. */
  readonly store: { readonly maxEntries: number; readonly maxBytes: number };
  /** How much memory answers may take that are kept as text; 0 keeps none. */
  readonly answerCacheBytes: number;
  /** How many requests the qBraid API allows each key in a rolling window. */
  readonly rateLimit: { readonly requests: number; readonly windowMs: number };
  /** What the replicas share, and how; null where this one is alone. */
  readonly fleet: FleetConfig | null;
  readonly operation: OperationConfig;
  readonly document: DocumentConfig;
  readonly http: HttpConfig;
  readonly overload: OverloadConfig;
  /** How often watched jobs are polled: between these two, depending on whether they change. */
  readonly watch: { readonly minIntervalMs: number; readonly maxIntervalMs: number };
  readonly streams: StreamConfig;
  readonly clients: ClientConfig;
  readonly exposure: ExposureConfig;
  readonly persisted: PersistedConfig;
  readonly shutdown: ShutdownConfig;
  /** The TCP port of the sandbox; 0 lets the system choose. */
  readonly sandboxPort: number;
  /** Whether the sandbox answers in the documented or in the recorded shape of the qBraid API. */
  readonly sandboxShape: 'documented' | 'recorded';
}

export interface AccessLogConfig {
  readonly level: (typeof LOG_LEVELS)[number];
  /** The share of the operations that are logged, from 0 to 1. Those that failed always are. */
  readonly share: number;
}

/** How the qBraid API is asked. */
export interface UpstreamConfig {
  /** How long a whole exchange may take once it has a connection to use. */
  readonly timeoutMs: number;
  readonly connectTimeoutMs: number;
  /** How long the first byte of an answer may take. */
  readonly headersTimeoutMs: number;
  /** How long the next byte of a body may take. */
  readonly bodyTimeoutMs: number;
  /** How long a request may wait for a free connection. */
  readonly queueTimeoutMs: number;
  /** How many requests may be in flight at once, over all keys. */
  readonly connections: number;
  /** How many of them one key may have; at most all. */
  readonly connectionsPerKey: number;
  /** How large the result of a job may be. */
  readonly maxResultBytes: number;
  /** The proxies to go through; null is none. */
  readonly proxy: {
    readonly http: string | null;
    readonly https: string | null;
    /** The hosts that are reached without one, with commas between them. */
    readonly except: string;
  };
}

/** How several replicas work as one, over a Redis or Valkey server. */
export interface FleetConfig {
  /** The address of the server. It may hold a user and a password, so it must not be logged. */
  readonly redisUrl: string;
  /** The first one seals, and all of them open. There is at least one, and each has at least 32 bytes. */
  readonly secrets: readonly string[];
  /** The largest number of replicas. */
  readonly size: number;
}

/** What one operation may take. */
export interface OperationConfig {
  /** How long it may take, or one event of a subscription. */
  readonly timeoutMs: number;
  /** How many upstream requests it may cause for each key. */
  readonly maxUpstreamRequests: number;
  /** How many fields its answer may have. */
  readonly maxCost: number;
  readonly maxAnswerBytes: number;
  /** Whether it may change anything. */
  readonly mutations: boolean;
}

/** What a document may hold. */
export interface DocumentConfig {
  readonly maxBytes: number;
  readonly maxTokens: number;
  readonly maxDepth: number;
  readonly maxAliases: number;
  readonly maxDirectives: number;
  readonly maxRootFields: number;
  /** How much memory the documents that were parsed may take. */
  readonly cacheBytes: number;
}

/** What one HTTP request may take. */
export interface HttpConfig {
  readonly maxBodyBytes: number;
  readonly maxHeadersBytes: number;
  /** How long its headers may take to arrive. */
  readonly headersTimeoutMs: number;
  /** How long all of it may take to arrive. */
  readonly requestTimeoutMs: number;
}

/** When new operations are refused. */
export interface OverloadConfig {
  readonly maxOperationsInFlight: number;
  /** How late the event loop may be, on the average of each of two seconds. */
  readonly maxEventLoopDelayMs: number;
}

export interface StreamConfig {
  readonly keepaliveMs: number;
  /** How many may be open at once. */
  readonly max: number;
  readonly maxPerKey: number;
  /** How long a stream may go unread. */
  readonly unreadTimeoutMs: number;
}

export interface ClientConfig {
  /** The file of the key rings; null is none. */
  readonly keyRingsPath: string | null;
  /** The web origins whose pages may call the gateway: `*` for all, `http://localhost:*` for all ports, empty for none. */
  readonly corsOrigins: readonly string[];
  /** Addresses and networks (`10.0.0.0/8`) whose `X-Forwarded-For` is believed. */
  readonly trustedProxies: readonly string[];
  /** How many refused keys one address may send in a window before its unproven keys must wait. */
  readonly maxRefusedKeys: number;
}

/** What people are shown of the gateway. All of it is closed in production unless it is asked for. */
export interface ExposureConfig {
  /** Whether the playground is served to browsers. */
  readonly graphiql: boolean;
  readonly introspection: boolean;
  /** Whether errors tell which names the schema has. */
  readonly fieldSuggestions: boolean;
  /** Whether GET requests must show that no page of another site sent them. */
  readonly csrfPrevention: boolean;
  /** Whether `X-Debug-Upstream` is answered. */
  readonly debugUpstream: boolean;
}

/** Which documents are known beforehand. */
export interface PersistedConfig {
  /** The file that lists them; null is none. */
  readonly path: string | null;
  /** Whether no other document is executed. */
  readonly only: boolean;
  /** How much memory automatically persisted queries may take; 0 turns them off. */
  readonly apqCacheBytes: number;
}

export interface ShutdownConfig {
  /** How long the gateway goes on to answer, but says that it is not ready, before it closes. */
  readonly delayMs: number;
  /** How long requests in flight may take after that. */
  readonly timeoutMs: number;
}

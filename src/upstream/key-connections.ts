import { buildConnector, Client, type Dispatcher } from 'undici';
import type { ApiKey } from '../auth/api-key.ts';
import { FairSlots, type FairSlotsOptions } from './fair-slots.ts';
import { UpstreamError } from './upstream-error.ts';

export interface KeyConnectionsOptions extends FairSlotsOptions {
  /** Where to connect to: the path does not matter. */
  readonly url: string;
}

/** A client of undici that has at most one connection, which carries one request at a time. */
interface Connection {
  /** The fingerprint of the only key whose requests it carries. */
  readonly owner: string;
  readonly client: Client;
}

/** Answers beyond this many bytes are broken: a full page of large jobs is far below it. */
const MAX_RESPONSE_BYTES = 16 * 1024 * 1024;

/** Upstream may ask to keep idle connections longer than undici's 4 s, but not longer than this: they hold a key. */
const MAX_IDLE_MS = 30_000;

/**
 * The connections to upstream. Each belongs to one key for its whole life: if upstream sends one response too many on
 * it, no other key can get that response.
 *
 * Bounds: `total` connections in all and `perKey` for one key, in use or idle. A new connection closes the one that
 * has been idle longest if there is no room left. A connection in use is never closed for another. Idle connections
 * close after at most `MAX_IDLE_MS`, and do not keep the process alive.
 */
export class KeyConnections {
  readonly #origin: string;
  readonly #total: number;
  /** Shared, so that a new connection can resume a TLS session. undici's own limit of time is off: see `#open`. */
  readonly #connector = buildConnector({ timeout: 0 });
  readonly #slots: FairSlots;
  /** Open and free for the next request of their owners, the one idle longest first. */
  readonly #idle = new Set<Connection>();
  readonly #uses = new Set<Promise<unknown>>();
  #inUse = 0;
  #isClosed = false;

  constructor(options: KeyConnectionsOptions) {
    this.#origin = new URL(options.url).origin;
    this.#total = options.total;
    this.#slots = new FairSlots(options);
  }

  /**
   * Runs `request` on a connection of this key, as soon as one may be used.
   *
   * @throws {UpstreamError} if no connection becomes free in time, or after `close`; the abort reason if `signal` aborts
   *   before; whatever `request` throws.
   */
  async use<T>(
    key: ApiKey,
    signal: AbortSignal | undefined,
    request: (dispatcher: Dispatcher) => Promise<T>,
  ): Promise<T> {
    if (this.#isClosed) throw new UpstreamError('unavailable', 'The gateway is shutting down.');
    const use = this.#use(key.fingerprint, signal, request);
    this.#uses.add(use);
    try {
      return await use;
    } finally {
      this.#uses.delete(use);
    }
  }

  /** Refuses new requests. Closes all connections as soon as the requests before have ended. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.allSettled(this.#uses);
    await Promise.all([...this.#idle].map((connection) => this.#discard(connection)));
  }

  async #use<T>(
    owner: string,
    signal: AbortSignal | undefined,
    request: (dispatcher: Dispatcher) => Promise<T>,
  ): Promise<T> {
    await this.#slots.take(owner, signal);
    try {
      const connection = this.#takeIdle(owner) ?? this.#open(owner);
      this.#inUse += 1;
      try {
        return await request(connection.client);
      } finally {
        this.#inUse -= 1;
        this.#release(connection);
      }
    } finally {
      this.#slots.free(owner);
    }
  }

  /** The idle connection of this owner that was used last, so that surplus ones stay idle and close. */
  #takeIdle(owner: string): Connection | undefined {
    const connection = [...this.#idle].findLast((idle) => idle.owner === owner);
    if (connection) this.#idle.delete(connection);
    return connection;
  }

  #open(owner: string): Connection {
    const [longestIdle] = this.#idle;
    if (longestIdle && this.#idle.size + this.#inUse >= this.#total) void this.#discard(longestIdle);
    const client = new Client(this.#origin, {
      maxResponseSize: MAX_RESPONSE_BYTES,
      // The deadline of a request limits all of it: undici's own limits would only give it other names.
      connect: this.#connector,
      headersTimeout: 0,
      bodyTimeout: 0,
      keepAliveMaxTimeout: MAX_IDLE_MS,
    });
    const connection = { owner, client };
    client.on('disconnect', () => {
      if (this.#idle.has(connection)) void this.#discard(connection);
    });
    return connection;
  }

  /** Keeps the connection for the next request of its owner, unless it was closed: by a fault, or by upstream. */
  #release(connection: Connection): void {
    if (connection.client.stats.connected) this.#idle.add(connection);
    else void this.#discard(connection);
  }

  #discard(connection: Connection): Promise<void> {
    this.#idle.delete(connection);
    return connection.client.destroy();
  }
}

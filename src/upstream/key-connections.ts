import type { Dispatcher } from 'undici';
import type { ApiKey } from '../auth/api-key.ts';
import type { Abandonment } from '../lib/abandonment.ts';
import type { Connect, Connection } from './create-connect.ts';
import { FairSlots, type FairSlotsOptions } from './fair-slots.ts';
import { UpstreamError } from './upstream-error.ts';

export interface KeyConnectionsOptions extends FairSlotsOptions {
  /** Opens a connection. It is used for one request at a time. */
  readonly connect: Connect;
}

/** A connection, and whose it is. */
interface OwnConnection {
  /** The fingerprint of the only key whose requests it carries. */
  readonly owner: string;
  readonly connection: Connection;
}

/**
 * The connections to upstream. Each belongs to one key for its whole life: if upstream sends one response too many on
 * it, no other key can get that response.
 *
 * Bounds: `total` connections in all and `perKey` for one key, in use or idle. A new connection closes the one that
 * has been idle longest if there is no room left. A connection in use is never closed for another. Idle connections
 * close by themselves: see `createConnect`.
 */
export class KeyConnections {
  readonly #connect: Connect;
  readonly #total: number;
  readonly #slots: FairSlots;
  /** Open and free for the next request of their owners, the one idle longest first. */
  readonly #idle = new Set<OwnConnection>();
  readonly #uses = new Set<Promise<unknown>>();
  #inUse = 0;
  #isClosed = false;

  constructor(options: KeyConnectionsOptions) {
    this.#connect = options.connect;
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
    signal: Abandonment | undefined,
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
    signal: Abandonment | undefined,
    request: (dispatcher: Dispatcher) => Promise<T>,
  ): Promise<T> {
    await this.#slots.take(owner, signal);
    try {
      const connection = this.#takeIdle(owner) ?? this.#open(owner);
      this.#inUse += 1;
      try {
        return await request(connection.connection.dispatcher);
      } finally {
        this.#inUse -= 1;
        this.#release(connection);
      }
    } finally {
      this.#slots.free(owner);
    }
  }

  /** The idle connection of this owner that was used last, so that surplus ones stay idle and close. */
  #takeIdle(owner: string): OwnConnection | undefined {
    const connection = [...this.#idle].findLast((idle) => idle.owner === owner);
    if (connection) this.#idle.delete(connection);
    return connection;
  }

  #open(owner: string): OwnConnection {
    const [longestIdle] = this.#idle;
    if (longestIdle && this.#idle.size + this.#inUse >= this.#total) void this.#discard(longestIdle);
    const onClose = () => {
      if (this.#idle.has(own)) void this.#discard(own);
    };
    const own = { owner, connection: this.#connect(onClose) };
    return own;
  }

  /** Keeps the connection for the next request of its owner, unless it was closed: by a fault, or by upstream. */
  #release(own: OwnConnection): void {
    if (own.connection.isOpen()) this.#idle.add(own);
    else void this.#discard(own);
  }

  #discard(own: OwnConnection): Promise<void> {
    this.#idle.delete(own);
    return own.connection.dispatcher.destroy();
  }
}

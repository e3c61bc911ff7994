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
export interface OwnConnection {
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
  /** The same by owner, the one used last at the end. An owner without any is not listed. */
  readonly #idleOf = new Map<string, OwnConnection[]>();
  #inUse = 0;
  /** How many requests are under way: those that wait, too. */
  #uses = 0;
  #isClosed = false;
  /** Who closes, and waits until none is under way. */
  #onUnused: (() => void) | null = null;

  constructor(options: KeyConnectionsOptions) {
    this.#connect = options.connect;
    this.#total = options.total;
    this.#slots = new FairSlots(options);
  }

  /**
   * Takes a connection of this key for one request, as soon as one may be used. Whoever takes one must `release` it. No
   * promise where one is free, as mostly.
   *
   * @throws {UpstreamError} after `close`. The promise rejects if no connection becomes free in time, or with the abort
   *   reason if `signal` aborts before.
   */
  take(
    { fingerprint: owner }: ApiKey,
    signal: Abandonment | undefined,
  ): OwnConnection | Promise<OwnConnection> {
    if (this.#isClosed) throw new UpstreamError('unavailable', 'The gateway is shutting down.');
    signal?.throwIfAborted();
    this.#uses += 1;
    return this.#slots.takeNow(owner) ? this.#useOne(owner) : this.#waitForOne(owner, signal);
  }

  /** Keeps a connection for the next request of its owner, unless it was closed: by a fault, or by upstream. */
  release(own: OwnConnection): void {
    this.#inUse -= 1;
    if (own.connection.isOpen()) this.#keep(own);
    else void this.#discard(own);
    this.#slots.free(own.owner);
    this.#endUse();
  }

  /** Refuses new requests. Closes all connections as soon as the requests before have ended. */
  async close(): Promise<void> {
    this.#isClosed = true;
    if (this.#uses > 0) {
      await new Promise<void>((resolve) => {
        this.#onUnused = resolve;
      });
    }
    await Promise.all([...this.#idle].map((connection) => this.#discard(connection)));
  }

  async #waitForOne(owner: string, signal: Abandonment | undefined): Promise<OwnConnection> {
    try {
      await this.#slots.take(owner, signal);
    } catch (error) {
      this.#endUse();
      throw error;
    }
    return this.#useOne(owner);
  }

  /** Takes a connection for a request that has a slot. */
  #useOne(owner: string): OwnConnection {
    const own = this.#takeIdle(owner) ?? this.#open(owner);
    this.#inUse += 1;
    return own;
  }

  #endUse(): void {
    this.#uses -= 1;
    if (this.#uses === 0) this.#onUnused?.();
  }

  /** The idle connection of this owner that was used last, so that surplus ones stay idle and close. */
  #takeIdle(owner: string): OwnConnection | undefined {
    const own = this.#idleOf.get(owner)?.at(-1);
    if (own !== undefined) this.#forgetIdle(own);
    return own;
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

  #keep(own: OwnConnection): void {
    this.#idle.add(own);
    const idle = this.#idleOf.get(own.owner);
    if (idle === undefined) this.#idleOf.set(own.owner, [own]);
    else idle.push(own);
  }

  #discard(own: OwnConnection): Promise<void> {
    this.#forgetIdle(own);
    return own.connection.dispatcher.destroy();
  }

  #forgetIdle(own: OwnConnection): void {
    if (!this.#idle.delete(own)) return;
    const idle = this.#idleOf.get(own.owner) ?? [];
    idle.splice(idle.lastIndexOf(own), 1);
    if (idle.length === 0) this.#idleOf.delete(own.owner);
  }
}

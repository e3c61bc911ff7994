import type { Bell } from '../fleet-link.ts';
import { type Connection, openConnection } from './open-connection.ts';
import { parseBell } from './parse-bell.ts';
import type { RedisLinkOptions } from './redis-link-options.ts';
import { toKeys } from './to-keys.ts';
import { withDeadline } from './with-deadline.ts';

/** Hears bells on a connection of its own, which it opens again when it ends or says nothing for two seconds. */
export class BellSubscriber {
  readonly #options: Required<RedisLinkOptions>;
  readonly #onChange: () => void;
  /** The followers of each channel. */
  readonly #followers = new Map<string, Set<(bell: Bell) => void>>();
  #connection: Connection | null = null;
  #isListening = false;
  #isClosed = false;
  #cancelLook = () => {};

  /** `onChange` is called whenever `isListening` changes. */
  constructor(options: Required<RedisLinkOptions>, onChange: () => void) {
    this.#options = options;
    this.#onChange = onChange;
  }

  /** Whether nothing that was rung on followed channels can have been missed. */
  get isListening(): boolean {
    return this.#isListening;
  }

  /** Hears what other replicas do with a key. Rejects while nothing can be heard. */
  async follow(name: string, onBell: (bell: Bell) => void): Promise<() => void> {
    const connection = this.#connection;
    if (!connection || !this.#isListening) throw new Error('No bells can be heard: the server is gone.');
    const { channel } = toKeys(name);
    const followers = this.#followers.get(channel) ?? new Set();
    this.#followers.set(channel, followers);
    // One that follows twice is two.
    const follower = (bell: Bell) => onBell(bell);
    followers.add(follower);
    try {
      const { deadlineMs, clock } = this.#options;
      await withDeadline(connection.subscribe(channel, this.#hear), deadlineMs, clock);
    } catch (error) {
      this.#leave(channel, follower);
      throw error;
    }
    return () => this.#leave(channel, follower);
  }

  /** Looks after the connection once, and from then on each second until it is closed. Never rejects. */
  async look(): Promise<void> {
    this.#cancelLook();
    try {
      if (this.#connection) this.#ping(this.#connection);
      else await this.#open();
    } catch {
      // The link says that the server is gone.
    }
    const { clock, retryMs } = this.#options;
    if (!this.#isClosed) this.#cancelLook = clock.schedule(retryMs, () => void this.look());
  }

  close(): void {
    this.#isClosed = true;
    this.#cancelLook();
    this.#end(this.#connection);
  }

  async #open(): Promise<void> {
    const { url, clock, deadlineMs } = this.#options;
    const connection = await openConnection(url, clock, () => this.#end(connection));
    if (this.#isClosed) return connection.destroy();
    try {
      const channels = [...this.#followers.keys()];
      const heard = channels.length > 0 ? connection.subscribe(channels, this.#hear) : connection.ping();
      await withDeadline<unknown>(heard, Math.max(deadlineMs, 1000), clock);
    } catch (error) {
      connection.destroy();
      throw error;
    }
    if (this.#isClosed || !connection.isReady) return connection.destroy();
    this.#connection = connection;
    this.#set(true);
  }

  #ping(connection: Connection): void {
    const { clock, retryMs } = this.#options;
    withDeadline(connection.ping(), 2 * retryMs, clock).catch(() => this.#end(connection));
  }

  #end(connection: Connection | null): void {
    connection?.destroy();
    if (connection !== this.#connection) return;
    this.#connection = null;
    this.#set(false);
  }

  readonly #hear = (message: string, channel: string): void => {
    const { replica, bell } = parseBell(message);
    if (replica === this.#options.replica) return;
    for (const follower of [...(this.#followers.get(channel) ?? [])]) follower(bell);
  };

  #leave(channel: string, follower: (bell: Bell) => void): void {
    const followers = this.#followers.get(channel);
    if (!followers?.delete(follower) || followers.size > 0) return;
    this.#followers.delete(channel);
    this.#connection?.unsubscribe(channel, this.#hear).catch(() => {});
  }

  #set(isListening: boolean): void {
    if (this.#isListening === isListening) return;
    this.#isListening = isListening;
    this.#onChange();
  }
}

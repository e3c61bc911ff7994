import { randomUUID } from 'node:crypto';
import { toError } from '../../lib/to-error.ts';
import { identifyServer } from './identify-server.ts';
import { isOfOneKey } from './is-of-one-key.ts';
import { loadScripts } from './load-scripts.ts';
import { type Connection, openConnection } from './open-connection.ts';
import type { RedisLinkOptions } from './redis-link-options.ts';
import { type RedisReply, runScript } from './run-script.ts';
import type { Script } from './scripts/create-script.ts';
import { PING_SCRIPT } from './scripts/ping-script.ts';
import { ServerClock } from './server-clock.ts';
import { MARKER_KEY } from './to-keys.ts';
import { withDeadline } from './with-deadline.ts';

/** By how much the server's clock may differ from the own one. */
const MAX_OFFSET_MS = 5000;

/** After so many failed looks a connection is given up: it may lead to a server that is none any more. */
const MAX_LOOKS = 3;

/** Policies under which a full server drops only what has a lifetime, the oldest first, or nothing. */
const GOOD_POLICIES = ['volatile-ttl', 'noeviction'];

/**
 * The connection for commands, and whether the server counts as gone. Each second it pings the server with a script that also writes, and
 * compares what it finds with what it knew: the marker of the data, and the server's run.
 */
export class ServerWatch {
  readonly #options: Required<RedisLinkOptions>;
  readonly #onChange: () => void;
  readonly #healers: ((isEmptied: boolean) => Promise<void>)[] = [];
  readonly #serverClock = new ServerClock();
  #connection: Connection | null = null;
  #isUp = false;
  #isClosed = false;
  #isSaid = false;
  /** Data was lost, and not everything is healed yet. */
  #isEmptied = false;
  #restUntilMs = 0;
  /** Counts faults, so that a look that one has overtaken does not take the link up. */
  #faults = 0;
  /** When a command last succeeded. */
  #goodMs = 0;
  #marker: string | null = null;
  #runId: string | null = null;
  #policy: string | null = null;
  #isLooking = false;
  #cancelLook = () => {};

  /** `onChange` is called whenever `isUp` changes. */
  constructor(options: Required<RedisLinkOptions>, onChange: () => void) {
    this.#options = options;
    this.#onChange = onChange;
  }

  /** Whether commands are sent. */
  get isUp(): boolean {
    return this.#isUp;
  }

  /** The server's clock. */
  nowMs(): number {
    return this.#options.clock.now() + this.#serverClock.offsetMs;
  }

  /** The marker of the data that the server had when it was last looked at. */
  get marker(): string {
    return this.#marker ?? '';
  }

  /** The server has lost its data since it was last looked at: it counts as gone until it is healed. Returns the error that says so. */
  noteEmptied(): Error {
    const error = new Error('The server has lost its data.');
    this.#goDown(error);
    return error;
  }

  get #isResting(): boolean {
    return this.#options.clock.now() < this.#restUntilMs;
  }

  /** Calls the listener before the link goes up again. */
  onReconnect(listener: (isEmptied: boolean) => Promise<void>): void {
    this.#healers.push(listener);
  }

  /** Whether a command was refused because the server is full, which is no fault of the server. */
  isFull(error: unknown): boolean {
    return error instanceof Error && error.message.startsWith('OOM');
  }

  /**
   * Runs a script, if there is a connection, and returns its reply without the time. Whatever it throws takes the link down, but
   * for a lack of memory, and for data of one key that no script has written.
   *
   * @param onLate Told of a reply that comes after the deadline.
   */
  async send(
    script: Script,
    keys: readonly string[],
    args: readonly (string | number)[],
    onLate: (facts: readonly RedisReply[]) => void = () => {},
  ): Promise<readonly RedisReply[]> {
    const connection = this.#connection;
    if (!connection?.isReady) throw new Error('The server of the fleet is not connected.');
    const { clock, deadlineMs } = this.#options;
    const sentMs = clock.now();
    const running = runScript(connection, script, keys, args) as Promise<readonly RedisReply[]>;
    try {
      const [serverMs, ...facts] = await withDeadline(running, deadlineMs, clock);
      this.#goodMs = clock.now();
      this.#serverClock.learn(Number(serverMs), sentMs, this.#goodMs);
      return facts;
    } catch (error) {
      if (connection === this.#connection && !this.isFull(error) && !isOfOneKey(error))
        this.#goDown(toError(error, 'the server of the fleet failed'));
      // Where it was rejected itself, it is not late.
      running.then(([, ...facts]) => onLate(facts)).catch(() => {});
      throw error;
    }
  }

  /** Looks after the server once, and from then on each second until it is closed. Never rejects. */
  async look(): Promise<void> {
    this.#cancelLook();
    this.#isLooking = true;
    try {
      await this.#look();
    } catch (error) {
      this.#goDown(toError(error, 'the server of the fleet failed'));
    }
    this.#isLooking = false;
    const { clock, retryMs } = this.#options;
    const restMs = this.#restUntilMs - clock.now();
    this.#lookIn(restMs > 0 ? Math.min(restMs, retryMs) : retryMs);
  }

  close(): void {
    this.#isClosed = true;
    this.#cancelLook();
    this.#connection?.destroy();
    this.#connection = null;
    this.#isUp = false;
  }

  #lookIn(ms: number): void {
    this.#cancelLook();
    if (!this.#isClosed) this.#cancelLook = this.#options.clock.schedule(ms, () => void this.look());
  }

  async #look(): Promise<void> {
    const faults = this.#faults;
    if (!this.#connection) await this.#connect();
    const [marker] = await this.send(PING_SCRIPT, [MARKER_KEY], [randomUUID()]);
    this.#assertClock();
    if (this.#marker !== null && marker !== this.#marker) this.#isEmptied = true;
    this.#marker = String(marker);
    this.#restAfterBirth();
    if (this.#isEmptied) this.#set(false);
    if (this.#isUp || (this.#isResting && !this.#isEmptied)) return;
    await this.#heal();
    if (faults !== this.#faults || this.#isResting || this.#isClosed) return;
    this.#say();
    this.#set(true);
  }

  /**
   * A server whose data is younger than the time to heal rests until then, also for a replica that has met no other: what older
   * replicas know they may not have told yet.
   */
  #restAfterBirth(): void {
    const { clock, emptiedMs } = this.#options;
    const restMs = Number(this.marker.split('_')[0]) + emptiedMs - this.nowMs();
    if (restMs > 0)
      this.#restUntilMs = Math.max(this.#restUntilMs, clock.now() + Math.min(restMs, emptiedMs));
  }

  async #connect(): Promise<void> {
    const { url, clock, deadlineMs } = this.#options;
    const connection = await openConnection(url, clock, () => {
      if (connection === this.#connection) this.#goDown(new Error('The server has closed the connection.'));
    });
    try {
      const [{ runId, evictionPolicy }] = await withDeadline(
        Promise.all([identifyServer(connection), loadScripts(connection)]),
        deadlineMs,
        clock,
      );
      this.#meet(runId, evictionPolicy);
    } catch (error) {
      connection.destroy();
      throw error;
    }
    if (this.#isClosed) connection.destroy();
    this.#connection = connection;
    this.#goodMs = clock.now();
  }

  #meet(runId: string, policy: string): void {
    if (this.#runId !== null && runId !== this.#runId) {
      this.#isEmptied = true;
      this.#serverClock.forget();
    }
    this.#runId = runId;
    this.#warnOfPolicy(policy);
  }

  async #heal(): Promise<void> {
    const isEmptied = this.#isEmptied;
    for (const healer of this.#healers) await healer(isEmptied);
    if (!isEmptied) return;
    // Another loss meanwhile was not healed: the next ping compares with the marker that was healed for.
    this.#isEmptied = false;
    const { clock, emptiedMs, logger } = this.#options;
    this.#restUntilMs = clock.now() + emptiedMs;
    logger.warn(
      { delayMs: emptiedMs },
      'the server of the fleet has lost data: it is used again after a while',
    );
  }

  #goDown(error: Error): void {
    this.#faults += 1;
    const { clock, logger, retryMs } = this.#options;
    const connection = this.#connection;
    if (connection && (!connection.isReady || clock.now() - this.#goodMs > MAX_LOOKS * retryMs)) {
      this.#connection = null;
      connection.destroy();
    }
    if (this.#isClosed) return;
    if (!this.#isSaid) logger.warn({ error: error.message }, 'the server of the fleet is gone');
    this.#isSaid = true;
    if (!this.#isLooking) this.#lookIn(retryMs);
    this.#set(false);
  }

  #assertClock(): void {
    const offsetMs = this.#serverClock.certainOffsetMs;
    if (offsetMs <= MAX_OFFSET_MS) return;
    if (!this.#isSaid) {
      const facts = { offsetMs: Math.round(this.#serverClock.offsetMs) };
      this.#options.logger.error(facts, 'the clocks of the fleet differ by more than 5 s: set them');
      this.#isSaid = true;
    }
    throw new Error('The clock of the server differs by more than 5 s.');
  }

  #warnOfPolicy(policy: string): void {
    if (policy !== this.#policy && !GOOD_POLICIES.includes(policy)) {
      const message = 'maxmemory-policy should be volatile-ttl: a full server drops what is still needed';
      this.#options.logger.warn({ policy }, message);
    }
    this.#policy = policy;
  }

  #say(): void {
    if (this.#isSaid) this.#options.logger.info({}, 'the server of the fleet is back');
    this.#isSaid = false;
  }

  #set(isUp: boolean): void {
    if (this.#isUp === isUp) return;
    this.#isUp = isUp;
    this.#onChange();
  }
}

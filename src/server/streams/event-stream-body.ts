import type { ExecutionResult } from 'graphql';
import type { Clock } from '../../lib/clock.ts';
import {
  COMPLETE,
  type EventBytes,
  PIECE_BYTES,
  SIGN_OF_LIFE,
  stringifyResult,
  toEvent,
} from './event-text.ts';
import { TimedReader } from './timed-reader.ts';

export interface EventStreamOptions {
  /** How long the stream may be silent before it sends a sign of life, in milliseconds. */
  readonly keepaliveMs: number;
  /** How long the client may take nothing of what is there for it, in milliseconds. Then the stream breaks off. */
  readonly unreadTimeoutMs: number;
  readonly clock: Clock;
  /** When it aborts, every stream ends with `complete`, as if there were no more results. */
  readonly shutdown: AbortSignal;
  /** Called when a stream breaks off because its client does not read. */
  readonly onUnread: () => void;
}

/** Who reads an event stream. */
export interface StreamClient {
  /** Aborts when the client has left. A client can leave in ways that do not cancel the body. */
  readonly hangup: AbortSignal;
  /** Closes the connection, and drops all that is on its way to the client. */
  readonly disconnect: () => void;
}

type Controller = ReadableStreamDefaultController<Uint8Array>;

const NOTHING: EventBytes = new Uint8Array();

/**
 * Writes results as server-sent events. `pull` must be called only when the client has taken all that was there before:
 * the stream of the body must read nothing ahead.
 */
export class EventStreamBody implements UnderlyingDefaultSource<Uint8Array> {
  readonly #results: TimedReader<ExecutionResult>;
  readonly #client: StreamClient;
  readonly #options: EventStreamOptions;
  /** What is left of the latest event. Some browsers report a response only after its first bytes. */
  #unsent = SIGN_OF_LIFE;
  /** Whether there is nobody any more to write for. */
  #isOver = false;
  #cancelUnread = () => {};

  constructor(results: AsyncIterator<ExecutionResult>, client: StreamClient, options: EventStreamOptions) {
    const { clock, keepaliveMs } = options;
    this.#results = new TimedReader(results, { clock, timeoutMs: keepaliveMs });
    this.#client = client;
    this.#options = options;
  }

  start(controller: Controller): void {
    const { hangup } = this.#client;
    const { shutdown } = this.#options;
    shutdown.addEventListener('abort', this.#leave);
    hangup.addEventListener('abort', this.#hangUp);
    this.#awaitReader(controller);
    if (shutdown.aborted) this.#leave();
    if (hangup.aborted) this.#hangUp();
  }

  async pull(controller: Controller): Promise<void> {
    this.#cancelUnread();
    try {
      if (this.#unsent.length === 0) await this.#fill();
    } catch (error) {
      this.#breakOff(controller, error);
    }
    if (this.#isOver) return;
    if (this.#unsent.length === 0) this.#complete(controller);
    else this.#send(controller);
  }

  cancel(): void {
    this.#isOver = true;
    this.#hangUp();
  }

  readonly #hangUp = (): void => {
    this.#release();
    this.#leave();
  };

  readonly #leave = (): void => this.#results.leave();

  /** Gets what to send next: nothing where no more results come. */
  async #fill(): Promise<void> {
    const result = await this.#results.next();
    if (result === null) this.#unsent = SIGN_OF_LIFE;
    else if (!result.done) this.#unsent = toEvent(stringifyResult(result.value));
  }

  #send(controller: Controller): void {
    controller.enqueue(this.#unsent.subarray(0, PIECE_BYTES));
    this.#unsent = this.#unsent.subarray(PIECE_BYTES);
    if (!this.#client.hangup.aborted) this.#awaitReader(controller);
  }

  #complete(controller: Controller): void {
    this.#release();
    controller.enqueue(COMPLETE);
    controller.close();
  }

  #awaitReader(controller: Controller): void {
    const { clock, unreadTimeoutMs, onUnread } = this.#options;
    this.#cancelUnread = clock.schedule(unreadTimeoutMs, () => {
      onUnread();
      this.#breakOff(controller, new Error('The client does not read the event stream.'));
    });
  }

  #breakOff(controller: Controller, error: unknown): void {
    this.cancel();
    controller.error(error);
    this.#client.disconnect();
  }

  #release(): void {
    this.#unsent = NOTHING;
    this.#cancelUnread();
    this.#results.cancelTimer();
    this.#options.shutdown.removeEventListener('abort', this.#leave);
    this.#client.hangup.removeEventListener('abort', this.#hangUp);
  }
}

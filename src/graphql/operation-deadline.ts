import { setMaxListeners } from 'node:events';
import { operationTimedOut } from '../jobs/failures.ts';
import type { Clock } from '../lib/clock.ts';

export interface OperationDeadlineOptions {
  readonly clock: Pick<Clock, 'now' | 'schedule'>;
  /** How long the operation, or the event of a subscription, may take, in milliseconds. */
  readonly timeoutMs: number;
  /** Its signal aborts when the client leaves, which ends the reads as well. */
  readonly client: { readonly signal: AbortSignal };
}

/**
 * Ends the reads of an operation that takes too long: they fail with a timeout, and what was read by then is answered.
 * Each event of a subscription has a deadline of its own. Nothing is set up before somebody waits.
 */
export class OperationDeadline {
  readonly #options: OperationDeadlineOptions;
  readonly #startedAtMs: number;
  #controller: AbortController | null = null;
  #isOver = false;
  #cancel = () => {};

  constructor(options: OperationDeadlineOptions) {
    this.#options = options;
    this.#startedAtMs = options.clock.now();
  }

  /** Aborts at the deadline, or when the client leaves. */
  get signal(): AbortSignal {
    this.#controller ??= this.#start();
    return this.#controller.signal;
  }

  /** The answer is complete: nothing is ended any more. */
  stop(): void {
    this.#isOver = true;
    this.#cancel();
  }

  #start(): AbortController {
    const { clock, timeoutMs, client } = this.#options;
    const controller = new AbortController();
    // Each read of an operation listens, and an operation may cause hundreds: that is no leak.
    setMaxListeners(0, controller.signal);
    if (this.#isOver) return controller;
    const { signal } = client;
    const leave = () => controller.abort(signal.reason);
    if (signal.aborted) leave();
    signal.addEventListener('abort', leave);
    const leftMs = Math.max(0, this.#startedAtMs + timeoutMs - clock.now());
    const cancelTimer = clock.schedule(leftMs, () => controller.abort(operationTimedOut(timeoutMs)));
    this.#cancel = () => {
      cancelTimer();
      signal.removeEventListener('abort', leave);
    };
    return controller;
  }
}

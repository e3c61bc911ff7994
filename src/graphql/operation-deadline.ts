import { operationTimedOut } from '../jobs/failures.ts';
import type { Clock } from '../lib/clock.ts';

/**
 * Ends the reads of an operation that takes too long: they fail with a timeout, and what was read by then is answered.
 * Each event of a subscription has a time of its own.
 */
export class OperationDeadline {
  readonly #clock: Pick<Clock, 'schedule'>;
  readonly #timeoutMs: number;
  readonly #client: AbortSignal;
  #controller = new AbortController();
  #cancel = () => {};

  /** @param client aborts when the client leaves, which ends the reads as well. */
  constructor(timeoutMs: number, clock: Pick<Clock, 'schedule'>, client: AbortSignal) {
    this.#timeoutMs = timeoutMs;
    this.#clock = clock;
    this.#client = client;
  }

  /** Aborts at the deadline, or when the client leaves. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Begins anew. What read with the signal before has until now. */
  start(): void {
    this.stop();
    const controller = new AbortController();
    const leave = () => controller.abort(this.#client.reason);
    if (this.#client.aborted) leave();
    this.#client.addEventListener('abort', leave);
    const cancelTimer = this.#clock.schedule(this.#timeoutMs, () =>
      controller.abort(operationTimedOut(this.#timeoutMs)),
    );
    this.#controller = controller;
    this.#cancel = () => {
      cancelTimer();
      this.#client.removeEventListener('abort', leave);
    };
  }

  /** The answer is complete: nothing is ended any more. */
  stop(): void {
    this.#cancel();
  }
}

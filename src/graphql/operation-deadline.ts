import { operationTimedOut } from '../jobs/failures.ts';
import { Abandoning, type Abandonment } from '../lib/abandonment.ts';
import type { Clock } from '../lib/clock.ts';

export interface OperationDeadlineOptions {
  readonly clock: Pick<Clock, 'now' | 'schedule'>;
  /** How long the operation, or the event of a subscription, may take, in milliseconds. */
  readonly timeoutMs: number;
  /** Its signal aborts when the client leaves, which ends the reads as well. */
  readonly client: { readonly signal: Abandonment };
}

/**
 * Ends the reads of an operation that takes too long: they fail with a timeout, and what was read by then is answered.
 * Each event of a subscription has a deadline of its own. Nothing is set up before somebody waits.
 */
export class OperationDeadline {
  readonly #options: OperationDeadlineOptions;
  readonly #startedAtMs: number;
  #reads: Abandoning | null = null;
  #isOver = false;
  #cancel = () => {};

  constructor(options: OperationDeadlineOptions) {
    this.#options = options;
    this.#startedAtMs = options.clock.now();
  }

  /** Aborts at the deadline, or when the client leaves. */
  get signal(): Abandonment {
    this.#reads ??= this.#start();
    return this.#reads;
  }

  /** The answer is complete: nothing is ended any more. */
  stop(): void {
    this.#isOver = true;
    this.#cancel();
  }

  #start(): Abandoning {
    const { clock, timeoutMs, client } = this.#options;
    const reads = new Abandoning();
    if (this.#isOver) return reads;
    const { signal } = client;
    const leave = () => reads.abort(signal.reason);
    if (signal.aborted) leave();
    signal.addEventListener('abort', leave);
    const leftMs = Math.max(0, this.#startedAtMs + timeoutMs - clock.now());
    const cancelTimer = clock.schedule(leftMs, () => reads.abort(operationTimedOut(timeoutMs)));
    this.#cancel = () => {
      cancelTimer();
      signal.removeEventListener('abort', leave);
    };
    return reads;
  }
}

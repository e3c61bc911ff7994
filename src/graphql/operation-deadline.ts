import { operationTimedOut } from '../jobs/failures.ts';
import { Abandoning, type Abandonment } from '../lib/abandonment.ts';
import type { Clock } from '../lib/clock.ts';
import { type Deadline, Deadlines } from '../lib/deadlines.ts';

/** The deadlines of all operations of a gateway. */
export type OperationDeadlines = Deadlines<OperationDeadline>;

export interface OperationDeadlineOptions {
  readonly clock: Pick<Clock, 'now' | 'schedule'>;
  /** How long an operation, or an event of a subscription, may take, in milliseconds. */
  readonly timeoutMs: number;
}

/** Makes the deadlines of all operations, which all have the same time. A read that is cut off fails with `timeout`. */
export function createOperationDeadlines({ clock, timeoutMs }: OperationDeadlineOptions): OperationDeadlines {
  return new Deadlines<OperationDeadline>({
    clock,
    timeoutMs,
    onDue: (deadline) => deadline.end(operationTimedOut(timeoutMs)),
  });
}

/**
 * Ends the reads of an operation that takes too long: they fail with a timeout, and what was read by then is answered.
 * Each event of a subscription has a deadline of its own. Its time begins with it, but nobody listens to the client before
 * somebody waits.
 */
export class OperationDeadline {
  readonly #deadline: Deadline;
  readonly #client: { readonly signal: Abandonment };
  #reads: Abandoning | null = null;
  #isOver = false;
  #ended: Error | null = null;

  /** @param client Its signal aborts when the client leaves, which ends the reads as well. */
  constructor(deadlines: OperationDeadlines, client: { readonly signal: Abandonment }) {
    this.#client = client;
    this.#deadline = deadlines.start(this);
  }

  /** Aborts at the deadline, or when the client leaves. */
  get signal(): Abandonment {
    this.#reads ??= this.#listen();
    return this.#reads;
  }

  /** The answer is complete: nothing is ended any more. */
  stop(): void {
    this.#isOver = true;
    this.#deadline.stop();
    if (this.#reads !== null) this.#client.signal.removeEventListener('abort', this.#leave);
  }

  /** Its time is over. */
  end(reason: Error): void {
    this.#ended = reason;
    this.#reads?.abort(reason);
  }

  #listen(): Abandoning {
    const reads = new Abandoning();
    if (this.#isOver) return reads;
    if (this.#ended !== null) reads.abort(this.#ended);
    const { signal } = this.#client;
    if (signal.aborted) reads.abort(signal.reason);
    signal.addEventListener('abort', this.#leave);
    return reads;
  }

  readonly #leave = (): void => this.#reads?.abort(this.#client.signal.reason);
}

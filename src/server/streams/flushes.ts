import type { Clock } from '../../lib/clock.ts';

/** What writes, in its turn, what is ready. */
export interface Flushed {
  flush(): void;
}

/** For how long others wait while streams are written to, in milliseconds. */
const SLICE_MS = 2;

/**
 * Lets streams be written to one after the other, once all that comes in the same moment is there. A change that a thousand
 * streams show is written in slices: other clients are answered in between.
 */
export class Flushes {
  readonly #clock: Pick<Clock, 'now'>;
  #waiting: Flushed[] = [];
  #isRunning = false;

  constructor(clock: Pick<Clock, 'now'>) {
    this.#clock = clock;
  }

  /** Flushes this one soon. It must not be waiting already. */
  add(flushed: Flushed): void {
    this.#waiting.push(flushed);
    if (this.#isRunning) return;
    this.#isRunning = true;
    queueMicrotask(this.#run);
  }

  readonly #run = (): void => {
    const untilMs = this.#clock.now() + SLICE_MS;
    const flushed = this.#waiting;
    this.#waiting = [];
    for (const [index, next] of flushed.entries()) {
      next.flush();
      if (this.#clock.now() < untilMs) continue;
      this.#waiting = [...flushed.slice(index + 1), ...this.#waiting];
      break;
    }
    this.#isRunning = this.#waiting.length > 0;
    if (this.#isRunning) setImmediate(this.#run);
  };
}

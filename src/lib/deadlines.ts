import type { Clock } from './clock.ts';

export interface DeadlineOptions<T> {
  readonly clock: Pick<Clock, 'now' | 'schedule'>;
  /** How long each of them may take, in milliseconds. */
  readonly timeoutMs: number;
  /** Told of each whose time is over. */
  readonly onDue: (item: T) => void;
}

/** Times that are equally long, for any number of items, with one timer: what begins first is over first. */
export class Deadlines<T> {
  readonly #options: DeadlineOptions<T>;
  /** When the time of each is over (`Clock.now`), in this order. */
  readonly #dueAtMs = new Map<T, number>();
  #cancel: (() => void) | null = null;

  constructor(options: DeadlineOptions<T>) {
    this.#options = options;
  }

  /** Begins the time of an item, or begins it anew. */
  start(item: T): void {
    const { clock, timeoutMs } = this.#options;
    this.#dueAtMs.delete(item);
    this.#dueAtMs.set(item, clock.now() + timeoutMs);
    // One that is scheduled comes no later than this, and looks again.
    this.#cancel ??= clock.schedule(timeoutMs, this.#look);
  }

  /** Ends the time of an item: it is not told of. */
  stop(item: T): void {
    if (!this.#dueAtMs.delete(item) || this.#dueAtMs.size > 0) return;
    this.#cancel?.();
    this.#cancel = null;
  }

  readonly #look = (): void => {
    const { clock, onDue } = this.#options;
    this.#cancel = null;
    const nowMs = clock.now();
    for (const [item, dueAtMs] of this.#dueAtMs) {
      if (dueAtMs > nowMs) {
        this.#cancel ??= clock.schedule(dueAtMs - nowMs, this.#look);
        return;
      }
      this.#dueAtMs.delete(item);
      onDue(item);
    }
  };
}

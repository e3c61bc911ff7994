import type { Clock } from './clock.ts';

export interface DeadlineOptions<T> {
  readonly clock: Pick<Clock, 'now' | 'schedule'>;
  /** How long each of them may take, in milliseconds. */
  readonly timeoutMs: number;
  /** Told of each whose time is over. */
  readonly onDue: (item: T) => void;
}

/** The time of one item. */
export interface Deadline {
  /** Ends it: the item is not told of. */
  stop(): void;
}

/**
 * Times that are equally long, for any number of items, with one timer: what begins first is over first. A linked list, and no
 * `Map`: whatever went through a map of V8 that shrinks and grows may stay in memory until a full garbage collection, because
 * the tables that it has left behind hold each other.
 */
export class Deadlines<T> {
  readonly #options: DeadlineOptions<T>;
  /** The next one to be over, and the last. */
  #first: Entry<T> | null = null;
  #last: Entry<T> | null = null;
  #cancel: (() => void) | null = null;

  constructor(options: DeadlineOptions<T>) {
    this.#options = options;
  }

  /** Begins the time of an item. */
  start(item: T): Deadline {
    const { clock, timeoutMs } = this.#options;
    const entry = new Entry(item, clock.now() + timeoutMs, this.#last, this.#remove);
    if (this.#last === null) this.#first = entry;
    else this.#last.next = entry;
    this.#last = entry;
    // One that is scheduled comes no later than this, and looks again.
    this.#cancel ??= clock.schedule(timeoutMs, this.#look);
    return entry;
  }

  readonly #remove = (entry: Entry<T>): void => {
    this.#unlink(entry);
    if (this.#first !== null) return;
    this.#cancel?.();
    this.#cancel = null;
  };

  #unlink(entry: Entry<T>): void {
    const { before, next } = entry;
    if (before === null) this.#first = next;
    else before.next = next;
    if (next === null) this.#last = before;
    else next.before = before;
    entry.clear();
  }

  readonly #look = (): void => {
    const { clock, onDue } = this.#options;
    this.#cancel = null;
    const nowMs = clock.now();
    for (let entry = this.#first; entry !== null; entry = this.#first) {
      if (entry.dueAtMs > nowMs) {
        this.#cancel ??= clock.schedule(entry.dueAtMs - nowMs, this.#look);
        return;
      }
      const { item } = entry;
      this.#unlink(entry);
      if (item !== null) onDue(item);
    }
  };
}

class Entry<T> implements Deadline {
  readonly dueAtMs: number;
  item: T | null;
  before: Entry<T> | null;
  next: Entry<T> | null = null;
  readonly #remove: (entry: Entry<T>) => void;

  constructor(item: T, dueAtMs: number, before: Entry<T> | null, remove: (entry: Entry<T>) => void) {
    this.item = item;
    this.dueAtMs = dueAtMs;
    this.before = before;
    this.#remove = remove;
  }

  stop(): void {
    if (this.item !== null) this.#remove(this);
  }

  /** Nothing that still knows the entry holds the item, or its neighbours. */
  clear(): void {
    this.item = null;
    this.before = null;
    this.next = null;
  }
}

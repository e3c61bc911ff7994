import type { Abandonment } from '../lib/abandonment.ts';

/** What a {@link ConflatingStream} calls when it opens and closes: each once at most, and `onClose` only after `onOpen`. */
export interface ConflatingStreamHooks {
  /** The reader asks for the first value. A stream that nobody reads need not begin. */
  readonly onOpen: () => void;
  /** The reader has left, or the writer has ended the stream. */
  readonly onClose: () => void;
  /** When it aborts, nobody may read any more: the stream ends, without what waits. @default never */
  readonly until?: Abandonment | null | undefined;
}

/**
 * A stream whose reader sets the pace. Only the latest value of each name waits. So a slow reader misses values in
 * between, but never the last one, and memory does not grow. It is read as an iterator, or by `listen` and `take`: many
 * values that come at once then cost no promise each.
 */
export class ConflatingStream<T> implements AsyncIterableIterator<T, undefined> {
  readonly #hooks: ConflatingStreamHooks;
  readonly #waiting = new Map<string, T>();
  #readers: ((result: IteratorResult<T, undefined>) => void)[] = [];
  #onReady: (() => void) | null = null;
  #state: 'new' | 'open' | 'closed' = 'new';

  constructor(hooks: ConflatingStreamHooks) {
    this.#hooks = hooks;
  }

  /** Whether the stream takes no more values. */
  get isClosed(): boolean {
    return this.#state === 'closed';
  }

  /** Gives a value to the reader, or keeps it until the reader asks, in place of an earlier value of this name. */
  push(name: string, value: T): void {
    if (this.#state === 'closed') return;
    this.#waiting.set(name, value);
    this.#serve();
  }

  /** Reads without an iterator: calls back whenever there may be something to take, and once the stream has ended. */
  listen(onReady: () => void): void {
    this.#onReady = onReady;
    this.#open();
    this.#serve();
  }

  /** The values that wait, the oldest first. They stay. */
  waiting(): readonly T[] {
    return [...this.#waiting.values()];
  }

  /** Takes the oldest value that waits, or null. */
  take(): T | null {
    const [first] = this.#waiting;
    if (first === undefined) return null;
    this.#waiting.delete(first[0]);
    return first[1];
  }

  /** Takes all values that wait. */
  clear(): void {
    this.#waiting.clear();
  }

  /** Drops the waiting values for which this is true. Returns their names. */
  drop(isDropped: (value: T) => boolean): readonly string[] {
    const dropped = [...this.#waiting].filter(([, value]) => isDropped(value)).map(([name]) => name);
    for (const name of dropped) this.#waiting.delete(name);
    return dropped;
  }

  /** Ends the stream. The reader still gets what waits. */
  end(): void {
    if (this.isClosed) return;
    const wasOpen = this.#state === 'open';
    this.#state = 'closed';
    this.#hooks.until?.removeEventListener('abort', this.#leave);
    if (wasOpen) this.#hooks.onClose();
    this.#serve();
  }

  next(): Promise<IteratorResult<T, undefined>> {
    return new Promise((resolve) => {
      this.#readers.push(resolve);
      this.#open();
      this.#serve();
    });
  }

  /** The reader leaves. Unlike the one of a generator, this method does not wait for a pending `next`. */
  return(): Promise<IteratorResult<T, undefined>> {
    this.#leave();
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  readonly #leave = (): void => {
    this.clear();
    this.end();
  };

  #open(): void {
    const { until } = this.#hooks;
    if (this.#state !== 'new') return;
    if (until?.aborted) {
      this.#leave();
      return;
    }
    this.#state = 'open';
    until?.addEventListener('abort', this.#leave);
    this.#hooks.onOpen();
  }

  #serve(): void {
    while (this.#readers.length > 0) {
      const [first] = this.#waiting;
      if (first === undefined && this.#state !== 'closed') return;
      if (first !== undefined) this.#waiting.delete(first[0]);
      const result = first === undefined ? DONE : ({ done: false, value: first[1] } as const);
      this.#readers.shift()?.(result);
    }
    if (this.#waiting.size > 0 || this.#state === 'closed') this.#onReady?.();
  }
}

const DONE = { done: true, value: undefined } as const;

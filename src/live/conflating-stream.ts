/** When a {@link ConflatingStream} opens and closes. Each is called once at most, and `onClose` only after `onOpen`. */
export interface ConflatingStreamHooks {
  /** The reader wants the first value: what nobody reads need not begin. */
  readonly onOpen: () => void;
  /** The reader has left, or the writer has ended the stream. */
  readonly onClose: () => void;
}

/**
 * A stream that its reader takes at its own pace. Of values with the same name only the latest waits, so that a slow
 * reader misses what came between, but never the last, and never makes memory grow.
 */
export class ConflatingStream<T> implements AsyncIterableIterator<T, undefined> {
  readonly #hooks: ConflatingStreamHooks;
  readonly #waiting = new Map<string, T>();
  #readers: ((result: IteratorResult<T, undefined>) => void)[] = [];
  #state: 'new' | 'open' | 'closed' = 'new';

  constructor(hooks: ConflatingStreamHooks) {
    this.#hooks = hooks;
  }

  /** Whether nothing more can be pushed. */
  get isClosed(): boolean {
    return this.#state === 'closed';
  }

  /** Gives the reader a value, or lets it wait in place of an earlier one with this name. */
  push(name: string, value: T): void {
    if (this.#state === 'closed') return;
    this.#waiting.set(name, value);
    this.#serve();
  }

  /** Ends the stream: the reader still gets what waits. */
  end(): void {
    const wasOpen = this.#state === 'open';
    this.#state = 'closed';
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

  /** The reader leaves. Unlike a generator's, this does not wait for a `next` that is under way. */
  return(): Promise<IteratorResult<T, undefined>> {
    this.#waiting.clear();
    this.end();
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #open(): void {
    if (this.#state !== 'new') return;
    this.#state = 'open';
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
  }
}

const DONE = { done: true, value: undefined } as const;

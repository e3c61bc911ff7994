/**
 * A stream that its reader takes at its own pace. Of values with the same name only the latest waits, so that a slow
 * reader misses what came between, but never the last, and never makes memory grow.
 */
export class Mailbox<T> implements AsyncIterableIterator<T, undefined> {
  readonly #waiting = new Map<string, T>();
  readonly #onClose: () => void;
  #reader: Reader<T> | null = null;
  #isClosed = false;
  #failure: { readonly error: unknown } | null = null;

  /** @param onClose is called once: when the reader leaves, or the writer ends the stream. */
  constructor(onClose: () => void) {
    this.#onClose = onClose;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Tells the reader, or lets the value wait in place of an earlier one with this name. */
  put(name: string, value: T): void {
    if (this.#isClosed) return;
    this.#waiting.set(name, value);
    this.#serve();
  }

  /** Ends the stream: the reader still gets what waits. */
  end(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#onClose();
    this.#serve();
  }

  /** Ends the stream with an error, after what waits. */
  fail(error: unknown): void {
    this.#failure ??= { error };
    this.end();
  }

  next(): Promise<IteratorResult<T, undefined>> {
    return new Promise((resolve, reject) => {
      this.#reader = { resolve, reject };
      this.#serve();
    });
  }

  /** The reader leaves. Unlike a generator's, this does not wait for a `next` that is under way. */
  return(): Promise<IteratorResult<T, undefined>> {
    this.#waiting.clear();
    this.#failure = null;
    this.end();
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** Gives the reader, if one is there, what is next for it, if anything is. */
  #serve(): void {
    const reader = this.#reader;
    const [first] = this.#waiting;
    if (reader === null || (first === undefined && !this.#isClosed)) return;
    this.#reader = null;
    if (first !== undefined) {
      this.#waiting.delete(first[0]);
      reader.resolve({ done: false, value: first[1] });
    } else if (this.#failure !== null) {
      reader.reject(this.#failure.error);
      this.#failure = null;
    } else {
      reader.resolve({ done: true, value: undefined });
    }
  }
}

interface Reader<T> {
  readonly resolve: (result: IteratorResult<T, undefined>) => void;
  readonly reject: (error: unknown) => void;
}

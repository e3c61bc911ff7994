import type { Clock } from '../../lib/clock.ts';

/** Reads an iterator, one value at a time, and tells where no value comes in time. */
export class TimedReader<T> {
  readonly #iterator: AsyncIterator<T>;
  readonly #clock: Clock;
  readonly #timeoutMs: number;
  /** What the iterator was asked for and nobody has taken yet. */
  #asked: Promise<IteratorResult<T>> | null = null;
  #isAnswered = false;
  #cancelTimer = () => {};
  #wake = () => {};

  constructor(iterator: AsyncIterator<T>, { clock, timeoutMs }: { clock: Clock; timeoutMs: number }) {
    this.#iterator = iterator;
    this.#clock = clock;
    this.#timeoutMs = timeoutMs;
  }

  /**
   * The next value, or null if none comes within the time. The value is then given later. Call it again only once it
   * has resolved.
   *
   * @throws the error of the iterator.
   */
  async next(): Promise<IteratorResult<T> | null> {
    const asked = this.#asked ?? this.#ask();
    // A race would keep something in memory for each time that it is lost, for as long as no value comes.
    if (!this.#isAnswered) await this.#waitForAnswer();
    if (!this.#isAnswered) return null;
    this.#asked = null;
    return asked;
  }

  /** Ends the iterator. What waits for its next value learns of the end. */
  leave(): void {
    this.#iterator.return?.();
  }

  /** Waits no longer than until the iterator answers. */
  cancelTimer(): void {
    this.#cancelTimer();
  }

  #ask(): Promise<IteratorResult<T>> {
    const asked = this.#iterator.next();
    const onAnswer = () => {
      this.#isAnswered = true;
      this.#wake();
    };
    this.#isAnswered = false;
    this.#asked = asked;
    asked.then(onAnswer, onAnswer);
    return asked;
  }

  async #waitForAnswer(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      this.#cancelTimer = this.#clock.schedule(this.#timeoutMs, resolve);
    });
    this.#cancelTimer();
  }
}

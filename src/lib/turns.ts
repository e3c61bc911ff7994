import { setImmediate } from 'node:timers/promises';

/**
 * Gives each callback a turn of the event loop of its own, in their order. What takes long in each of many streams then
 * makes nobody else wait for all of them.
 */
export class Turns {
  readonly #waiting: (() => void)[] = [];
  #isRunning = false;

  /** Calls back in the next turn that is free, which may be this one. */
  take(callback: () => void): void {
    this.#waiting.push(callback);
    if (!this.#isRunning) this.#run();
  }

  /** Resolves in the next turn that is free. */
  next(): Promise<void> {
    return new Promise((resolve) => this.take(resolve));
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      next();
      await setImmediate();
    }
    this.#isRunning = false;
  }
}

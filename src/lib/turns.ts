import { setImmediate } from 'node:timers/promises';

/**
 * Gives each who asks a turn of the event loop of its own, in their order. What takes long in each of many operations then makes
 * nobody else wait for all of them.
 */
export class Turns {
  readonly #waiting: (() => void)[] = [];
  #isRunning = false;

  /** Resolves in the next turn that is free, which may be this one. */
  take(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      if (!this.#isRunning) this.#run();
    });
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

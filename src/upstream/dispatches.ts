import type { Dispatcher } from 'undici';

/** A request that is ready to go out on a connection. */
interface Dispatch {
  readonly dispatcher: Dispatcher;
  readonly options: Dispatcher.DispatchOptions;
  readonly handler: Dispatcher.DispatchHandler;
}

/**
 * Sends requests, all that become ready in one go together. To write to an upstream that sleeps wakes it up, which takes the system
 * several times as long as the write: written together, only the first one does.
 */
export class Dispatches {
  #waiting: Dispatch[] = [];

  /** Sends a request, after those that are about to be ready as well: equal operations that begin together have come equally far. */
  add(dispatch: Dispatch): void {
    if (this.#waiting.length === 0) queueMicrotask(this.#send);
    this.#waiting.push(dispatch);
  }

  readonly #send = (): void => {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const { dispatcher, options, handler } of waiting) dispatcher.dispatch(options, handler);
  };
}

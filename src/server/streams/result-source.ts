import type { ExecutionResult } from 'graphql';
import { type EventBytes, NOTHING, stringifyResult, toEvent } from './event-text.ts';
import type { EventSource, StreamEnd } from './stream-writer.ts';

/** The events of results, which are asked for one by one, and no sooner than the client has taken the one before. */
export class ResultSource implements EventSource {
  readonly #results: AsyncIterator<ExecutionResult>;
  readonly #onEnd: (how: StreamEnd) => void;
  #isEnded = false;

  constructor(results: AsyncIterator<ExecutionResult>, onEnd: (how: StreamEnd) => void) {
    this.#results = results;
    this.#onEnd = onEnd;
  }

  get isEnded(): boolean {
    return this.#isEnded;
  }

  take(): Promise<EventBytes> | null {
    return this.#isEnded ? null : this.#next();
  }

  leave(): void {
    // What waits for its next result learns of the end.
    void this.#results.return?.();
  }

  onEnd(how: StreamEnd): void {
    this.leave();
    this.#onEnd(how);
  }

  async #next(): Promise<EventBytes> {
    const { done, value } = await this.#results.next();
    if (!done) return toEvent(stringifyResult(value));
    this.#isEnded = true;
    return NOTHING;
  }
}

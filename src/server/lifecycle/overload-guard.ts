import type { OverloadConfig } from '../../config/config.ts';
import { OperationsInFlight } from './operations-in-flight.ts';

export interface OverloadGuardOptions {
  readonly config: OverloadConfig;
  /** How late the event loop is, in milliseconds. */
  readonly eventLoopDelayMs: () => number;
}

/** Says whether an operation may begin: not while too many are in flight, in all or of their client, or the event loop is late. */
export class OverloadGuard {
  readonly #options: OverloadGuardOptions;
  readonly #inFlight: OperationsInFlight;

  constructor(options: OverloadGuardOptions) {
    this.#options = options;
    this.#inFlight = new OperationsInFlight(options.config.maxOperationsInFlight);
  }

  /** Lets an operation begin: gives what ends it, or null where it may not. */
  begin(clientOf: () => string): (() => void) | null {
    const { config, eventLoopDelayMs } = this.#options;
    if (this.#inFlight.isFull || eventLoopDelayMs() > config.maxEventLoopDelayMs) return null;
    return this.#inFlight.take(clientOf());
  }
}

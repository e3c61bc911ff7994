import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks';
import type { Clock } from '../lib/clock.ts';

/** How often Node looks, in milliseconds. What it measures includes this. */
const RESOLUTION_MS = 20;
const WINDOW_MS = 1000;
const NS_PER_MS = 1_000_000;

export interface EventLoopDelayOptions {
  readonly clock: Pick<Clock, 'schedule'>;
  /** @default what Node measures of this process */
  readonly histogram?: Pick<IntervalHistogram, 'enable' | 'disable' | 'reset' | 'mean'>;
}

/** Measures how late the event loop is, which says how long whatever arrives has to wait. */
export class EventLoopDelay {
  readonly #clock: Pick<Clock, 'schedule'>;
  readonly #histogram: NonNullable<EventLoopDelayOptions['histogram']>;
  #cancel: () => void;
  #meanMs = 0;

  constructor({
    clock,
    histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS }),
  }: EventLoopDelayOptions) {
    this.#clock = clock;
    this.#histogram = histogram;
    this.#histogram.enable();
    this.#cancel = this.#schedule();
  }

  /** The mean of the last second, in milliseconds. */
  get meanMs(): number {
    return this.#meanMs;
  }

  /** Ends the measuring. */
  end(): void {
    this.#cancel();
    this.#histogram.disable();
  }

  #schedule(): () => void {
    return this.#clock.schedule(WINDOW_MS, () => {
      this.#read();
      this.#cancel = this.#schedule();
    });
  }

  #read(): void {
    const { mean } = this.#histogram;
    // Node drops what it measures first after a reset. If the loop is so late that this was all, the last mean still holds.
    if (Number.isNaN(mean)) return;
    this.#meanMs = Math.max(0, mean / NS_PER_MS - RESOLUTION_MS);
    this.#histogram.reset();
  }
}

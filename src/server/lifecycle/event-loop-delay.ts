import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks';
import type { Clock } from '../../lib/clock.ts';

/** How often Node looks, in milliseconds. What it measures includes this. */
const RESOLUTION_MS = 20;
const WINDOW_MS = 1000;
const NS_PER_MS = 1_000_000;

export interface EventLoopDelayOptions {
  readonly clock: Pick<Clock, 'schedule'>;
  /** @default what Node measures of this process */
  readonly histogram?: Pick<IntervalHistogram, 'enable' | 'disable' | 'reset' | 'mean'>;
}

/**
 * Measures how late the event loop is, which says how long whatever arrives has to wait. One long stall, such as the first
 * load of the playground, is no overload: only what lasts for two windows counts.
 */
export class EventLoopDelay {
  readonly #clock: Pick<Clock, 'schedule'>;
  readonly #histogram: NonNullable<EventLoopDelayOptions['histogram']>;
  #cancel: () => void;
  /** The means of the last window and of the one before it. */
  #means: readonly [last: number, before: number] = [0, 0];

  constructor({
    clock,
    histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS }),
  }: EventLoopDelayOptions) {
    this.#clock = clock;
    this.#histogram = histogram;
    this.#histogram.enable();
    this.#cancel = this.#schedule();
  }

  /** The mean that was exceeded in each of the last two seconds, in milliseconds. */
  get meanMs(): number {
    return Math.min(...this.#means);
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
    const [last] = this.#means;
    // Node drops what it measures first after a reset. If the loop is so late that this was all, the last mean still holds.
    const isUnknown = Number.isNaN(mean);
    this.#means = [isUnknown ? last : Math.max(0, mean / NS_PER_MS - RESOLUTION_MS), last];
    if (!isUnknown) this.#histogram.reset();
  }
}

import { type Stamp, toSeq } from '../jobs/seq.ts';
import type { Clock } from '../lib/clock.ts';
import type { FleetLink } from './fleet-link.ts';

/** Translates between the server's clock, which all replicas share, and the clock of this process. */
export class FleetTime {
  readonly #link: Pick<FleetLink, 'nowMs'>;
  readonly #clock: Clock;

  constructor(link: Pick<FleetLink, 'nowMs'>, clock: Clock) {
    this.#link = link;
    this.#clock = clock;
  }

  /** The time of the fleet, in milliseconds since the epoch. */
  nowMs(): number {
    return this.#link.nowMs();
  }

  /** A time of the fleet by `Clock.now`. */
  toLocalMs(fleetMs: number): number {
    return fleetMs + this.#clock.now() - this.#link.nowMs();
  }

  /** A time of `Clock.now` by the clock of the fleet. */
  toFleetMs(localMs: number): number {
    return localMs - this.#clock.now() + this.#link.nowMs();
  }

  /**
   * When something was read, as this process tells it. The server counts whole milliseconds: it was read until the end of
   * one, but not in the future.
   */
  toStamp(readSeq: number, readMs: number): Stamp {
    const atMs = Math.min(this.#clock.now(), this.toLocalMs(readMs + 1));
    return { seq: toSeq(readSeq), atMs, date: new Date(readMs) };
  }
}

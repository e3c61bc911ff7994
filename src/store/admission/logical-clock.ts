import { later, NEVER, nextSeq, type Seq, type Stamp } from '../../jobs/seq.ts';
import type { Clock } from '../../lib/clock.ts';

/** Stamps the events of a process: each is later than the one before it. */
export class LogicalClock {
  readonly #clock: Clock;
  readonly #orderMs: () => number;
  #latest: Seq = NEVER;

  /** @param orderMs The time, in milliseconds since the epoch, that the processes agree on whose events are compared. */
  constructor(clock: Clock, orderMs: () => number = clock.now) {
    this.#clock = clock;
    this.#orderMs = orderMs;
  }

  /** The seq of the latest event. */
  get latest(): Seq {
    return this.#latest;
  }

  /** Takes note of an event of another process: each event of this one is later from now on. */
  observe(seq: Seq): void {
    this.#latest = later(this.#latest, seq);
  }

  /** Stamps an event that happens now. */
  stamp(): Stamp {
    const atMs = this.#clock.now();
    this.#latest = nextSeq(this.#latest, this.#orderMs());
    return { seq: this.#latest, atMs, date: this.#clock.date() };
  }
}

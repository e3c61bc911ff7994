import { NEVER, nextSeq, type Seq, type Stamp } from '../../jobs/seq.ts';
import type { Clock } from '../../lib/clock.ts';

/** Stamps the events of a process: each is later than the one before it. */
export class LogicalClock {
  readonly #clock: Clock;
  #latest: Seq = NEVER;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The seq of the latest event. */
  get latest(): Seq {
    return this.#latest;
  }

  /** Stamps an event that happens now. */
  stamp(): Stamp {
    const atMs = this.#clock.now();
    this.#latest = nextSeq(this.#latest, atMs);
    return { seq: this.#latest, atMs, date: this.#clock.date() };
  }
}

/** How long the best estimate of the server's clock is kept: clocks drift apart. */
const KEPT_MS = 30_000;

interface Sample {
  readonly offsetMs: number;
  readonly roundTripMs: number;
  readonly atMs: number;
}

/** The server's clock, as its replies tell: the quickest one of the last half minute tells best. */
export class ServerClock {
  #best: Sample | null = null;

  /** How far the server's clock is ahead of the own one, in milliseconds. 0 before the first reply. */
  get offsetMs(): number {
    return this.#best?.offsetMs ?? 0;
  }

  /** By how much the clocks differ at least, whatever the network did with the reply. */
  get certainOffsetMs(): number {
    return Math.max(0, Math.abs(this.offsetMs) - (this.#best?.roundTripMs ?? 0) / 2);
  }

  /** Learns from a reply with the server's time, to a command that was sent and answered at times of the own clock. */
  learn(serverMs: number, sentMs: number, answeredMs: number): void {
    const roundTripMs = answeredMs - sentMs;
    const best = this.#best;
    if (best && answeredMs - best.atMs < KEPT_MS && best.roundTripMs < roundTripMs) return;
    // The server's time has no fractions: half a millisecond is what they are on average.
    const offsetMs = serverMs + 0.5 - (sentMs + answeredMs) / 2;
    this.#best = { offsetMs, roundTripMs, atMs: answeredMs };
  }

  /** Forgets what it knows: another server has another clock. */
  forget(): void {
    this.#best = null;
  }
}

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
    // The server's time has no fractions: half a millisecond is what they are on average.
    const offsetMs = serverMs + 0.5 - (sentMs + answeredMs) / 2;
    const sample = { offsetMs, roundTripMs, atMs: answeredMs };
    if (!this.#best || isBetter(sample, this.#best)) this.#best = sample;
  }

  /** Forgets what it knows: another server has another clock. */
  forget(): void {
    this.#best = null;
  }
}

/** Whether a sample is as quick as an earlier one, or that one is too old, or cannot be true any more: a clock was set. */
function isBetter(sample: Sample, earlier: Sample): boolean {
  const isOld = sample.atMs - earlier.atMs >= KEPT_MS;
  const couldDifferMs = (sample.roundTripMs + earlier.roundTripMs) / 2 + 2;
  const isWrong = Math.abs(sample.offsetMs - earlier.offsetMs) > couldDifferMs;
  return sample.roundTripMs <= earlier.roundTripMs || isOld || isWrong;
}

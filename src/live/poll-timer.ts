import type { FetchedJob } from '../jobs/list-page.ts';
import type { Seq } from '../jobs/seq.ts';
import type { Clock } from '../lib/clock.ts';

/** The shortest and the longest interval between two polls, in milliseconds. */
export interface PollLimits {
  readonly minIntervalMs: number;
  readonly maxIntervalMs: number;
}

export interface PollTimerOptions {
  readonly clock: Clock;
  readonly limits: PollLimits;
  /** The delay until the next poll where the interval is `intervalMs`, both in milliseconds. */
  readonly toDelayMs: (intervalMs: number) => number;
  /** The timers that poll with some of the same keys. */
  readonly peers: () => Iterable<Pick<PollTimer, 'delayMs' | 'dueAtMs'>>;
  /** The latest event of the store. */
  readonly latestSeq: () => Seq;
  /** Spreads the polls of replicas: from 0 up to but without 1. */
  readonly random: () => number;
  /** Called when the last subscriber has left. The timer has then stopped for good. */
  readonly onIdle: () => void;
}

/** What a timer makes read. */
export interface PollSubscriber {
  /**
   * Reads. `nowMs` is the poll's one reading of `Clock.now`. With `isAnew`, clients have changed something: what is being read
   * may be from before, and must not be shown.
   */
  poll(nowMs: number, isAnew: boolean): void;
  /**
   * Takes what the cache has got since, and sends nothing. Resolves to whether that was everything that the next poll
   * would read, apart from what a poll of its own brought. Never rejects.
   *
   * @param seq The latest event of the store before the look: what comes later is for the next one.
   */
  look(since: Seq, seq: Seq): Promise<boolean>;
}

/** For how long a job counts as new, in milliseconds. */
const NEW_MS = 60_000;

const GROWTH = 1.5;

/** By how much a poll that others stood in for is late at most: a share of its delay. */
const MAX_SPREAD = 0.1;

/**
 * Says when to poll: at the shortest interval while something is new, at growing intervals while nothing is. Where other
 * replicas have read everything, that stands in for a poll. The next one is then a little late, so that the replica which
 * polled is the first again, and any other one takes over if it is gone. Timers that share keys and have the same pace come to
 * poll at the same moments, so that one request of a key serves all of them.
 */
export class PollTimer {
  readonly #options: PollTimerOptions;
  readonly #subscribers = new Set<PollSubscriber>();
  #intervalMs: number;
  #fastUntilMs = Number.NEGATIVE_INFINITY;
  /** When the last poll began, or the last look that stood in for one. */
  #polledAtMs = Number.NEGATIVE_INFINITY;
  #polledSeq: Seq;
  /** Whether something new was found since then. */
  #isSpedUp = false;
  #delayMs = Number.POSITIVE_INFINITY;
  #dueAtMs = Number.POSITIVE_INFINITY;
  #isStopped = false;
  #isLooking = false;
  #hasNews = false;
  #cancel = () => {};

  constructor(options: PollTimerOptions) {
    this.#options = options;
    this.#intervalMs = options.limits.minIntervalMs;
    this.#polledSeq = options.latestSeq();
  }

  /** The delay of the next poll by itself, in milliseconds. Timers with the same delay have the same pace. */
  get delayMs(): number {
    return this.#delayMs;
  }

  /** When the next poll is due, by `Clock.now`. */
  get dueAtMs(): number {
    return this.#dueAtMs;
  }

  /** Makes the subscriber read at each poll. What it subscribes for counts as new. Returns what unsubscribes it. */
  subscribe(subscriber: PollSubscriber, nowMs: number): () => void {
    this.#subscribers.add(subscriber);
    this.speedUp(0, nowMs);
    return () => {
      if (this.#subscribers.delete(subscriber) && this.#subscribers.size === 0) this.#stop();
    };
  }

  /** Polls at once, unless the last poll is less than the shortest interval ago. Returns whether it polled. */
  pollNow(nowMs: number): boolean {
    if (nowMs - this.#polledAtMs < this.#options.limits.minIntervalMs) return false;
    this.poll(nowMs);
    return true;
  }

  /** Polls after the shortest interval, and at this interval for as long as something of this age counts as new. */
  speedUp(ageMs: number, nowMs: number): void {
    const { limits } = this.#options;
    this.#fastUntilMs = Math.max(this.#fastUntilMs, nowMs + NEW_MS - ageMs);
    this.#intervalMs = limits.minIntervalMs;
    this.#isSpedUp = true;
    this.#hasten(nowMs);
  }

  /** Polls at once. `isAnew` is what `PollSubscriber.poll` says. */
  poll(nowMs: number, isAnew = false): void {
    const { toDelayMs, latestSeq } = this.#options;
    this.#grow(nowMs);
    this.#begin(latestSeq(), nowMs);
    this.#schedule(toDelayMs(this.#intervalMs), nowMs);
    for (const subscriber of [...this.#subscribers]) subscriber.poll(nowMs, isAnew);
  }

  /** Looks for what others have read. News that come during a look are looked for together, once it is done. */
  async look(): Promise<void> {
    this.#hasNews = true;
    if (this.#isLooking) return;
    this.#isLooking = true;
    try {
      while (this.#hasNews && !this.#isStopped) {
        this.#hasNews = false;
        await this.#lookOnce();
      }
    } finally {
      this.#isLooking = false;
    }
  }

  async #lookOnce(): Promise<void> {
    const { clock, toDelayMs, latestSeq, random } = this.#options;
    const polledAtMs = this.#polledAtMs;
    const seq = latestSeq();
    const refreshed = new Set<PollSubscriber>();
    const look = async (subscriber: PollSubscriber) => {
      if (await subscriber.look(this.#polledSeq, seq)) refreshed.add(subscriber);
    };
    await Promise.all([...this.#subscribers].map(look));
    const isAll = [...this.#subscribers].every((subscriber) => refreshed.has(subscriber));
    const nowMs = clock.now();
    if (!isAll || this.#polledAtMs !== polledAtMs) {
      this.#hasten(nowMs);
      return;
    }
    // Where something new was found, the interval is the shortest already, as after a poll.
    if (!this.#isSpedUp) this.#grow(nowMs);
    this.#begin(seq, nowMs);
    this.#schedule(toDelayMs(this.#intervalMs) * (1 + MAX_SPREAD * random()), nowMs);
  }

  /** Polls sooner, where the keys may be asked sooner than when the poll was scheduled. */
  #hasten(nowMs: number): void {
    const delayMs = this.#options.toDelayMs(this.#intervalMs);
    if (nowMs + delayMs < this.#dueAtMs) this.#schedule(delayMs, nowMs);
  }

  #begin(seq: Seq, nowMs: number): void {
    this.#polledAtMs = nowMs;
    this.#polledSeq = seq;
    this.#isSpedUp = false;
  }

  #grow(nowMs: number): void {
    const isFast = nowMs < this.#fastUntilMs;
    this.#intervalMs = nextIntervalMs(this.#intervalMs, isFast, this.#options.limits);
  }

  #schedule(delayMs: number, nowMs: number): void {
    const { clock } = this.#options;
    if (this.#isStopped) return;
    this.#cancel();
    this.#delayMs = delayMs;
    this.#dueAtMs = this.#dueWithPeers(delayMs, nowMs);
    this.#cancel = clock.schedule(this.#dueAtMs - nowMs, () => this.poll(clock.now()));
  }

  /** When a poll that may wait so long is due: together with the next one of a peer, if half of that time has passed by then. */
  #dueWithPeers(delayMs: number, nowMs: number): number {
    let dueAtMs = nowMs + delayMs;
    for (const peer of this.#options.peers()) {
      const isSoon = peer.dueAtMs < nowMs + delayMs / 2;
      // To keep to a slower or a quicker one would cost polls again and again.
      if (peer.delayMs === delayMs && !isSoon) dueAtMs = Math.min(dueAtMs, peer.dueAtMs);
    }
    return dueAtMs;
  }

  #stop(): void {
    this.#isStopped = true;
    this.#cancel();
    this.#options.onIdle();
  }
}

/** How old a job was when it was read, by the wall clock, in milliseconds: infinity where nobody knows. */
export function jobAgeMs({ job, fetched }: FetchedJob): number {
  if (job.createdAt === null) return Number.POSITIVE_INFINITY;
  // The clock of the qBraid API may be ahead.
  return Math.max(0, fetched.date.getTime() - job.createdAt.getTime());
}

/** The interval after one of `lastMs`: the shortest if it is to be fast, else half as long again. */
export function nextIntervalMs(lastMs: number, isFast: boolean, limits: PollLimits): number {
  return isFast ? limits.minIntervalMs : Math.min(limits.maxIntervalMs, lastMs * GROWTH);
}

import type { FetchedJob } from '../jobs/list-page.ts';
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
  /** Called when the last subscriber has left. The timer has then stopped for good. */
  readonly onIdle: () => void;
}

/** Polls. `nowMs` is the poll's one reading of `Clock.now`. */
export type PollSubscriber = (nowMs: number) => void;

/** For how long a job counts as new, in milliseconds. */
const NEW_MS = 60_000;

const GROWTH = 1.5;

/** Says when to poll: at the shortest interval while something is new, at growing intervals while nothing is. */
export class PollTimer {
  readonly #options: PollTimerOptions;
  readonly #subscribers = new Set<PollSubscriber>();
  #intervalMs: number;
  #fastUntilMs = Number.NEGATIVE_INFINITY;
  #polledAtMs = Number.NEGATIVE_INFINITY;
  #dueAtMs = Number.POSITIVE_INFINITY;
  #isStopped = false;
  #cancel = () => {};

  constructor(options: PollTimerOptions) {
    this.#options = options;
    this.#intervalMs = options.limits.minIntervalMs;
  }

  /** Calls the subscriber at each poll. What it subscribes for counts as new. Returns what unsubscribes it. */
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
    this.#poll(nowMs);
    return true;
  }

  /** Polls after the shortest interval, and at this interval for as long as something of this age counts as new. */
  speedUp(ageMs: number, nowMs: number): void {
    const { limits, toDelayMs } = this.#options;
    this.#fastUntilMs = Math.max(this.#fastUntilMs, nowMs + NEW_MS - ageMs);
    this.#intervalMs = limits.minIntervalMs;
    const delayMs = toDelayMs(this.#intervalMs);
    if (nowMs + delayMs < this.#dueAtMs) this.#schedule(delayMs, nowMs);
  }

  #poll(nowMs: number): void {
    const { limits, toDelayMs } = this.#options;
    this.#polledAtMs = nowMs;
    this.#intervalMs = nextIntervalMs(this.#intervalMs, nowMs < this.#fastUntilMs, limits);
    this.#schedule(toDelayMs(this.#intervalMs), nowMs);
    for (const subscriber of [...this.#subscribers]) subscriber(nowMs);
  }

  #schedule(delayMs: number, nowMs: number): void {
    const { clock } = this.#options;
    if (this.#isStopped) return;
    this.#cancel();
    this.#dueAtMs = nowMs + delayMs;
    this.#cancel = clock.schedule(delayMs, () => this.#poll(clock.now()));
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

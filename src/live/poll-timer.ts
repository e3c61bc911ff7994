import type { Clock } from '../lib/clock.ts';
import { NEW_MS, nextIntervalMs, type PollLimits } from './poll-interval.ts';

export interface PollTimerOptions {
  readonly clock: Clock;
  readonly limits: PollLimits;
  /** How long really to wait where `intervalMs` would be right, in milliseconds. */
  readonly toDelayMs: (intervalMs: number) => number;
  readonly onPoll: () => void;
}

/** Polls until it is stopped: quickly while something is new, ever more slowly while nothing is. */
export class PollTimer {
  readonly #options: PollTimerOptions;
  #intervalMs: number;
  #fastUntilMs = Number.NEGATIVE_INFINITY;
  #lastAtMs = Number.NEGATIVE_INFINITY;
  #dueAtMs = Number.POSITIVE_INFINITY;
  #isStopped = false;
  #cancel = () => {};

  constructor(options: PollTimerOptions) {
    this.#options = options;
    this.#intervalMs = options.limits.minIntervalMs;
  }

  /** Polls at once, unless it did so less than the shortest interval ago. Whether it did. */
  pollNow(): boolean {
    const { clock, limits } = this.#options;
    if (clock.now() - this.#lastAtMs < limits.minIntervalMs) return false;
    this.#poll();
    return true;
  }

  /** Polls soon again, and often for as long as what was new at `newAtMs` counts as new. */
  speedUp(newAtMs: number): void {
    const { clock, limits, toDelayMs } = this.#options;
    const nowMs = clock.now();
    // What is said to be new in the future is new now: clocks differ.
    this.#fastUntilMs = Math.max(this.#fastUntilMs, Math.min(nowMs, newAtMs) + NEW_MS);
    this.#intervalMs = limits.minIntervalMs;
    const dueAtMs = nowMs + toDelayMs(this.#intervalMs);
    if (dueAtMs < this.#dueAtMs) this.#schedule(dueAtMs);
  }

  /** Ends it for good. */
  stop(): void {
    this.#isStopped = true;
    this.#cancel();
  }

  #poll(): void {
    const { clock, limits, toDelayMs, onPoll } = this.#options;
    const nowMs = clock.now();
    this.#lastAtMs = nowMs;
    this.#intervalMs = nextIntervalMs(this.#intervalMs, nowMs < this.#fastUntilMs, limits);
    this.#schedule(nowMs + toDelayMs(this.#intervalMs));
    onPoll();
  }

  #schedule(dueAtMs: number): void {
    const { clock } = this.#options;
    if (this.#isStopped) return;
    this.#cancel();
    this.#dueAtMs = dueAtMs;
    this.#cancel = clock.schedule(dueAtMs - clock.now(), () => this.#poll());
  }
}

import type { Clock } from '../../src/lib/clock.ts';

/** A clock that stands still until it is told to go on. */
export interface FakeClock extends Clock {
  /** Goes on by `ms`, and calls what was scheduled until then, in the order of time. */
  advance(ms: number): void;
  /** Sets the wall clock alone forward, or back where it is less than nothing, as people and time servers do. */
  stepWallClock(ms: number): void;
  /** How long until the next call that is scheduled, or null where there is none. */
  readonly untilNextMs: number | null;
  /** How many calls are still scheduled. */
  readonly pending: number;
  /** How many calls are still scheduled that were to wait for so long. */
  pendingFor(delayMs: number): number;
}

interface Timer {
  readonly delayMs: number;
  readonly atMs: number;
  readonly callback: () => void;
}

/** Makes a clock that starts at the beginning of a day. */
export function createFakeClock(startMs = Date.UTC(2026, 0, 15)): FakeClock {
  let nowMs = startMs;
  let wallStepMs = 0;
  const timers = new Set<Timer>();
  return {
    now: () => nowMs,
    date: () => new Date(nowMs + wallStepMs),
    stepWallClock(ms) {
      wallStepMs += ms;
    },
    schedule(delayMs, callback) {
      const timer = { delayMs, atMs: nowMs + delayMs, callback };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    advance(ms) {
      const endMs = nowMs + ms;
      for (;;) {
        const [next] = [...timers].filter(({ atMs }) => atMs <= endMs).sort((a, b) => a.atMs - b.atMs);
        if (next === undefined) break;
        timers.delete(next);
        nowMs = next.atMs;
        next.callback();
      }
      nowMs = endMs;
    },
    get untilNextMs() {
      return timers.size === 0 ? null : Math.min(...[...timers].map(({ atMs }) => atMs)) - nowMs;
    },
    get pending() {
      return timers.size;
    },
    pendingFor: (wanted) => [...timers].filter(({ delayMs }) => delayMs === wanted).length,
  };
}

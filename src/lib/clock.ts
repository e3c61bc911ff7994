/**
 * Time as the gateway sees it: the system's in production, a test's own in tests. It has two readings, of two types, so
 * that neither is ever compared with the other.
 */
export interface Clock {
  /**
   * Milliseconds, with fractions, that never go back: for ages, deadlines, timers and order. They count from the epoch
   * as the machine knew it when the process began, so that two processes read about the same.
   */
  now(): number;
  /** The wall clock, which people set and which may step either way: for what people read. */
  date(): Date;
  /** Calls `callback` once, when `now()` is `delayMs` further. Returns what takes the call back. */
  schedule(delayMs: number, callback: () => void): () => void;
}

const { timeOrigin } = performance;

/** The time of this machine. Its timers do not keep the process alive. */
export const systemClock: Clock = {
  now: () => timeOrigin + performance.now(),
  date: () => new Date(),
  schedule(delayMs, callback) {
    const dueAtMs = systemClock.now() + delayMs;
    // Node's timers may come a millisecond early: what just became old enough would not be yet.
    const call = () => {
      const leftMs = dueAtMs - systemClock.now();
      if (leftMs > 0) timer = setTimeout(call, leftMs).unref();
      else callback();
    };
    let timer = setTimeout(call, delayMs).unref();
    return () => clearTimeout(timer);
  },
};

/** Time as the gateway sees it: the system's in production, a test's own in tests. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Calls `callback` once, `delayMs` from now. Returns what takes the call back. */
  schedule(delayMs: number, callback: () => void): () => void;
}

/** The time of this machine. Its timers do not keep the process alive. */
export const systemClock: Clock = {
  now: Date.now,
  schedule(delayMs, callback) {
    const dueAtMs = Date.now() + delayMs;
    // Node's timers may come a millisecond early: what just became old enough would not be yet.
    const call = () => {
      const leftMs = dueAtMs - Date.now();
      if (leftMs > 0) timer = setTimeout(call, leftMs).unref();
      else callback();
    };
    let timer = setTimeout(call, delayMs).unref();
    return () => clearTimeout(timer);
  },
};

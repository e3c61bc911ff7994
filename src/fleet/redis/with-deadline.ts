import type { Clock } from '../../lib/clock.ts';

/**
 * Resolves as a promise does, or rejects once `deadlineMs` are over. A reply that has arrived by then counts, even if the process
 * had no time to read it.
 */
export function withDeadline<Value>(
  promise: Promise<Value>,
  deadlineMs: number,
  clock: Clock,
): Promise<Value> {
  return new Promise((resolve, reject) => {
    const late = () => reject(new Error(`The server has not answered within ${deadlineMs} ms.`));
    // Timers come before sockets are read, in each turn of the event loop.
    const cancel = clock.schedule(deadlineMs, () => void setImmediate(late));
    promise.then(resolve, reject).finally(cancel);
  });
}

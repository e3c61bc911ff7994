import type { Clock } from '../../lib/clock.ts';

/**
 * Resolves as a promise does, or rejects once `deadlineMs` are over. The time counts from the end of this turn of the event loop,
 * when the client writes a command. A reply that has arrived by then counts, even if the process had no time to read it.
 */
export function withDeadline<Value>(
  promise: Promise<Value>,
  deadlineMs: number,
  clock: Clock,
): Promise<Value> {
  return new Promise((resolve, reject) => {
    const late = () => reject(new Error(`The server has not answered within ${deadlineMs} ms.`));
    let cancel = () => {};
    const start = setImmediate(() => {
      // Timers come before sockets are read, in each turn of the event loop.
      cancel = clock.schedule(deadlineMs, () => void setImmediate(late));
    });
    promise.then(resolve, reject).finally(() => {
      clearImmediate(start);
      cancel();
    });
  });
}

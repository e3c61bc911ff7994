import type { Clock } from './clock.ts';

/** What a promise gives, or null where it gives nothing for so long, in milliseconds. */
export function within<T>(
  delayMs: number,
  { schedule }: Pick<Clock, 'schedule'>,
  promise: Promise<T>,
): Promise<T | null> {
  return new Promise<T | null>((resolve, reject) => {
    const cancel = schedule(delayMs, () => resolve(null));
    promise.then(resolve, reject).finally(cancel);
  });
}

import { createdAtMs, type Entry } from './entry.ts';

/** How a part of a list is ordered by creation time. `unknown` where all its times are the same. */
export type TimeOrder = 'newest-first' | 'oldest-first' | 'none' | 'unknown';

/** The creation times of neighbouring jobs. A job without one gets that of the job in front of it. */
export function knownTimes(entries: readonly Entry[]): readonly (number | null)[] {
  const timesMs = entries.map(createdAtMs);
  let lastMs = timesMs.find((timeMs) => timeMs !== null) ?? null;
  return timesMs.map((timeMs) => {
    lastMs = timeMs ?? lastMs;
    return lastMs;
  });
}

/** The order of creation times. Null stands for an unknown one. */
export function orderOf(timesMs: readonly (number | null)[]): TimeOrder {
  const known = timesMs.filter((timeMs) => timeMs !== null);
  const steps = known.slice(1).map((timeMs, index) => timeMs - (known[index] ?? timeMs));
  const [hasOlder, hasNewer] = [steps.some((step) => step < 0), steps.some((step) => step > 0)];
  if (hasOlder) return hasNewer ? 'none' : 'newest-first';
  return hasNewer ? 'oldest-first' : 'unknown';
}

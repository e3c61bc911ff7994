import { createdAtMs, type Entry } from './entry.ts';

/** How a part of a list is ordered by time, as far as it tells: `unknown` where all its times are the same. */
export type TimeOrder = 'newest-first' | 'oldest-first' | 'none' | 'unknown';

/** The creation times of jobs that stand side by side; a job without one counts as old as the one in front of it. */
export function knownTimes(entries: readonly Entry[]): readonly (number | null)[] {
  const timesMs = entries.map(createdAtMs);
  let lastMs = timesMs.find((timeMs) => timeMs !== null) ?? null;
  return timesMs.map((timeMs) => {
    lastMs = timeMs ?? lastMs;
    return lastMs;
  });
}

/** The order of creation times, as far as they are known. */
export function orderOf(timesMs: readonly (number | null)[]): TimeOrder {
  const known = timesMs.filter((timeMs) => timeMs !== null);
  const steps = known.slice(1).map((timeMs, index) => timeMs - (known[index] ?? timeMs));
  const [hasOlder, hasNewer] = [steps.some((step) => step < 0), steps.some((step) => step > 0)];
  if (hasOlder) return hasNewer ? 'none' : 'newest-first';
  return hasNewer ? 'oldest-first' : 'unknown';
}

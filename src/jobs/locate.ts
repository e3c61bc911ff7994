import { type Anchor, createdAtMs, toAnchor } from './entry.ts';
import type { Boundary, Direction, Place } from './place.ts';
import type { Run } from './run.ts';

/**
 * Where a boundary is, as far as one run of the list tells: the index of the run's entry that it stands in front of
 * (their number, where it stands behind them all), or on which side of the run it must be, or no idea.
 */
export type Location = number | 'in-front' | 'behind' | 'unknown';

/**
 * Finds a boundary in a run: by the jobs around it; if none of them is here, by the time of their creation, provided
 * that this run is in the order of time. Where times tie, the boundary is put so that reading on in `direction`
 * repeats a job rather than lose one.
 */
export function locate(run: Run, boundary: Boundary, direction: Direction): Location {
  if (boundary === 'start') return run.offset === 0 ? 0 : 'in-front';
  if (boundary === 'end') return run.isEnd ? run.entries.length : 'behind';
  return locateByAnchors(run, boundary) ?? locateByTime(run, boundary, direction);
}

function locateByAnchors(run: Run, { before, after }: Place): number | null {
  const indexes = new Map<Anchor, number>(run.entries.map((entry, index) => [toAnchor(entry), index]));
  for (let distance = 0; distance < Math.max(before.length, after.length); distance += 1) {
    const inFront = indexes.get(before[distance] ?? '');
    if (inFront !== undefined) return inFront + 1;
    const behind = indexes.get(after[distance] ?? '');
    if (behind !== undefined) return behind;
  }
  return null;
}

function locateByTime(run: Run, place: Place, direction: Direction): Location {
  if (run.entries.length === 0) return run.offset === 0 ? 0 : 'in-front';
  const timesMs = knownTimes(run);
  const order = orderOf(timesMs);
  if (order === 'none' || place.createdAtMs === null) return 'unknown';

  const sign = order === 'newest-first' ? 1 : -1;
  const limitMs = sign * place.createdAtMs;
  const isBehind = (timeMs: number) =>
    direction === 'forward' ? sign * timeMs <= limitMs : sign * timeMs < limitMs;
  const found = timesMs.findIndex(isBehind);
  const index = found === -1 ? timesMs.length : found;
  if (index === 0 && run.offset > 0) return 'in-front';
  if (index === timesMs.length && !run.isEnd) return 'behind';
  return index;
}

/** The creation times of a run's jobs; a job without one counts as old as the job in front of it. */
export function knownTimes({ entries }: Pick<Run, 'entries'>): readonly number[] {
  const timesMs = entries.map(createdAtMs);
  let lastMs = timesMs.find((timeMs) => timeMs !== null) ?? 0;
  return timesMs.map((timeMs) => {
    lastMs = timeMs ?? lastMs;
    return lastMs;
  });
}

function orderOf(timesMs: readonly number[]): 'newest-first' | 'oldest-first' | 'none' {
  const steps = timesMs.slice(1).map((timeMs, index) => timeMs - (timesMs[index] ?? timeMs));
  if (steps.every((step) => step <= 0)) return 'newest-first';
  return steps.every((step) => step >= 0) ? 'oldest-first' : 'none';
}

import type { Reading } from '../list/plan-search.ts';
import type { Stretch } from '../list/read-slice.ts';
import { knownTimes } from '../list/time-order.ts';
import { type Merged, signOf } from './merge-slices.ts';

/**
 * The stretches that must be read on before their merger is sure. A job that several lists hold is given once, and in
 * its order, only if each list is in sight to beyond the moment of the last job that is given: where times tie, that
 * job may stand anywhere in another list's part of the moment.
 */
export function findUnsettled(
  stretches: readonly Stretch[],
  { edges }: Merged,
  { direction, count }: Pick<Reading, 'direction' | 'count'>,
): readonly Stretch[] {
  if (stretches.length < 2 || count === 0) return [];
  const last = direction === 'forward' ? edges.at(-1) : edges[0];
  if (last === undefined || edges.length < count) return stretches.filter(({ isDone }) => !isDone);

  const timesMs = stretches.map(({ run }) => knownTimes(run.entries));
  const owner = last.owners.findIndex((entry) => entry !== null);
  const lastMs = timesMs[owner]?.[last.indexes[owner] ?? 0] ?? null;
  const sign = signOf(stretches) * (direction === 'forward' ? 1 : -1);
  return stretches.filter(({ isDone, order, from, to }, index) => {
    if (isDone || order === 'none' || lastMs === null) return false;
    const outermostMs = timesMs[index]?.slice(from, to).at(direction === 'forward' ? -1 : 0) ?? null;
    if (outermostMs === null) return true;
    const isShared = stretches.some(
      (other, at) => at !== index && timesMs[at]?.slice(other.from, other.to).includes(lastMs),
    );
    return outermostMs === lastMs ? isShared : sign * (outermostMs - lastMs) > 0;
  });
}

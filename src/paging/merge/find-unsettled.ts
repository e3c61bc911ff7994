import type { SliceRequest } from '../list/plan-search.ts';
import type { Slice } from '../list/read-slice.ts';
import { knownTimes } from '../list/time-order.ts';
import { type Merged, signOf } from './merge-slices.ts';

/**
 * The slices that must be read on before their merger is sure. A job that several lists hold is given once, and in
 * its order, only if each list is in sight to beyond the moment of the last job that is given: where times tie, that
 * job may stand anywhere in another list's part of the moment.
 */
export function findUnsettled(
  slices: readonly Slice[],
  { edges }: Merged,
  { direction, count }: Pick<SliceRequest, 'direction' | 'count'>,
): readonly Slice[] {
  if (slices.length < 2 || count === 0) return [];
  const last = direction === 'forward' ? edges.at(-1) : edges[0];
  if (last === undefined || edges.length < count) return slices.filter(({ isDone }) => !isDone);

  const timesMs = slices.map(({ segment }) => knownTimes(segment.entries));
  const owner = last.owners.findIndex((entry) => entry !== null);
  const lastMs = timesMs[owner]?.[last.indexes[owner] ?? 0] ?? null;
  const sign = signOf(slices) * (direction === 'forward' ? 1 : -1);
  return slices.filter(({ isDone, order, from, to }, index) => {
    if (isDone || order === 'none' || lastMs === null) return false;
    const outermostMs = timesMs[index]?.slice(from, to).at(direction === 'forward' ? -1 : 0) ?? null;
    if (outermostMs === null) return true;
    const isShared = slices.some(
      (other, at) => at !== index && timesMs[at]?.slice(other.from, other.to).includes(lastMs),
    );
    return outermostMs === lastMs ? isShared : sign * (outermostMs - lastMs) > 0;
  });
}

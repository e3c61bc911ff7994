import { keyOf } from '../list/entry.ts';
import type { SliceRequest } from '../list/plan-search.ts';
import { compareTimes, type Merged, type MergedEdge, mergeOrderOf } from './merge-slices.ts';
import type { AnsweredSource } from './read-source.ts';

/**
 * The sources that must be read on before their merger is sure. A job of several lists is one edge, and in its order,
 * only if each list is known to beyond the moment of the last edge. Jobs of the same moment may stand in any order in each
 * list: one that another list holds at that moment, and this list does not yet, may stand further on in it.
 */
export function findUnsettled(
  sources: readonly AnsweredSource[],
  { edges }: Merged,
  { direction, count }: Pick<SliceRequest, 'direction' | 'count'>,
): readonly AnsweredSource[] {
  if (sources.length < 2 || count === 0) return [];
  const last = direction === 'forward' ? edges.at(-1) : edges[0];
  if (last === undefined || edges.length < count) return sources.filter(({ result }) => !result.isDone);

  const lastMs = momentOf(last);
  if (lastMs === null) return [];
  const order = mergeOrderOf(sources);
  return sources.filter((source) => {
    if (source.result.isDone || source.result.order === 'none') return false;
    const outermostMs = sliceTimes(source).at(direction === 'forward' ? -1 : 0) ?? null;
    if (outermostMs === null) return true;
    if (outermostMs === lastMs) {
      const held = new Set(jobsAt(source, lastMs));
      return sources.some((other) => jobsAt(other, lastMs).some((job) => !held.has(job)));
    }
    const compared = compareTimes(order, outermostMs, lastMs);
    return direction === 'forward' ? compared < 0 : compared > 0;
  });
}

/** When the job of an edge was created, as the first list that holds it tells. */
function momentOf({ positions }: MergedEdge): number | null {
  const position = [...positions.values()].find(({ entry }) => entry !== null);
  return position?.slice.timesMs[position.index] ?? null;
}

function sliceTimes({ result: { timesMs, from, to } }: AnsweredSource): readonly (number | null)[] {
  return timesMs.slice(from, to);
}

/** The jobs of a slice that were created at a moment. */
function jobsAt(
  { result: { segment, timesMs, from, to } }: AnsweredSource,
  atMs: number,
): readonly unknown[] {
  return segment.entries
    .slice(from, to)
    .flatMap((entry, index) => (timesMs[from + index] === atMs ? [keyOf(entry)] : []));
}

import { isPlainObject } from '../lib/is-plain-object.ts';
import { isTooDeep, isUnset, type Raw } from './decode-values.ts';
import type { JobResultData, MeasurementCount } from './job-result.ts';

/**
 * Decodes the `resultData` of a job. What has another shape than one map of counts, such as the counts of several circuits, is
 * left as it is.
 *
 * @returns null if it nests too deeply.
 */
export function decodeJobResult(raw: unknown): Omit<JobResultData, 'bytes'> | null {
  if (isTooDeep(raw)) return null;
  // GraphQL clients get an object, whatever upstream sent.
  if (!isPlainObject(raw)) return withoutCounts(isUnset(raw) ? {} : { resultData: raw });
  const { measurementCounts: rawCounts, ...data } = raw;
  const measurementCounts = toMeasurementCounts(rawCounts);
  const shots = measurementCounts?.reduce((sum, { count }) => sum + count, 0);
  if (measurementCounts === null || !Number.isSafeInteger(shots)) return withoutCounts(raw);
  return { measurementCounts, shots: shots as number, data };
}

function withoutCounts(data: Raw): Omit<JobResultData, 'bytes'> {
  return { measurementCounts: null, shots: null, data };
}

/** The outcomes, the most frequent first, or null for what is no map of them. */
function toMeasurementCounts(raw: unknown): readonly MeasurementCount[] | null {
  if (!isPlainObject(raw)) return null;
  const counts: MeasurementCount[] = [];
  for (const [bitstring, count] of Object.entries(raw)) {
    if (!Number.isSafeInteger(count) || (count as number) < 0) return null;
    counts.push({ bitstring, count: count as number });
  }
  return counts.sort((a, b) => b.count - a.count || (a.bitstring < b.bitstring ? -1 : 1));
}

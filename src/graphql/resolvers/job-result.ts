import { invalidInput } from '../../lib/gateway-error.ts';
import type { JobResultResolvers } from '../schema.generated.ts';

/** More outcomes than anybody can look at: longer lists are refused. */
export const MAX_OUTCOMES = 10_000;

export const jobResultResolvers: JobResultResolvers = {
  measurementCounts({ measurementCounts, shots }, { first }) {
    const outcomes = measurementCounts?.slice(0, assertFirst(first ?? MAX_OUTCOMES)) ?? null;
    return (
      outcomes?.map(({ bitstring, count }) => ({
        bitstring,
        count,
        probability: shots === null || shots === 0 ? 0 : count / shots,
      })) ?? null
    );
  },
  shots: ({ shots }) => shots,
  data: ({ data }) => data,
};

function assertFirst(first: number): number {
  if (first >= 0 && first <= MAX_OUTCOMES) return first;
  throw invalidInput(`\`first\` must be 0 to ${MAX_OUTCOMES}, got ${first}: ask for fewer outcomes.`);
}

import type { SeededRandom } from './seeded-random.ts';

/** What a program measures on a machine without faults. */
export type IdealState = 'zeros' | 'cat' | 'marked' | 'alternating' | 'spread';

/** An outcome, one `0` or `1` for each qubit, and how likely it is compared with the others. */
export type WeightedOutcome = readonly [outcome: string, weight: number];

const drawers: Record<IdealState, (width: number, random: SeededRandom) => WeightedOutcome[]> = {
  zeros: (width) => [['0'.repeat(width), 1]],
  cat: (width) => [
    ['0'.repeat(width), 1],
    ['1'.repeat(width), 1],
  ],
  marked: (width, random) => [
    [drawOutcome(width, random), 20],
    ...Array.from({ length: 4 }, (): WeightedOutcome => [drawOutcome(width, random), 1]),
  ],
  alternating: (width) => [
    ['01'.repeat(width).slice(0, width), 5],
    ['10'.repeat(width).slice(0, width), 4],
    ['0'.repeat(width), 1],
  ],
  // The weights of a random circuit's outcomes are distributed exponentially.
  spread: (width, random) =>
    Array.from({ length: 2 ** Math.min(width, 6) }, () => [
      drawOutcome(width, random),
      -Math.log(1 - random.fraction()),
    ]),
};

/** Draws what a program measures on a machine without faults, on this many qubits. The same outcome may come twice. */
export function drawIdealOutcomes(state: IdealState, width: number, random: SeededRandom): WeightedOutcome[] {
  return drawers[state](width, random);
}

function drawOutcome(width: number, random: SeededRandom): string {
  return Array.from({ length: width }, () => random.integer(0, 1)).join('');
}

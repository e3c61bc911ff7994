import type { components } from '../upstream/qbraid.generated.ts';
import { drawIdealOutcomes, type WeightedOutcome } from './ideal-outcomes.ts';
import type { JobPlan } from './job-plan.ts';
import { createSeededRandom, type SeededRandom } from './seeded-random.ts';

type MeasurementCounts = components['schemas']['MeasurementCounts'];

/** How often a machine reads a qubit wrongly. Simulators do not. */
const READOUT_ERROR = 0.02;

/** The qubits of a job that does not say how many it has. */
const DEFAULT_QUBITS = 4;

/**
 * Draws how often each outcome was measured, shot by shot: as the experiment would give it, with the machine's errors.
 * The same plan and circuit give the same counts. They add up to the plan's shots.
 */
export function drawCounts(plan: JobPlan, circuit: number): MeasurementCounts {
  const { qrn, device, experiment, metadata, shots } = plan;
  const width = Number(metadata['numQubits'] ?? DEFAULT_QUBITS);
  const random = createSeededRandom(`${qrn}/circuit/${circuit}`);
  const outcomes = drawIdealOutcomes(experiment.idealState, width, random);
  const totalWeight = outcomes.reduce((sum, [, weight]) => sum + weight, 0);
  const counts: MeasurementCounts = {};
  for (let shot = 0; shot < shots; shot += 1) {
    const ideal = pickByWeight(outcomes, random.fraction() * totalWeight);
    const outcome = device.isQpu ? misread(ideal, random) : ideal;
    const text = device.experimentType === 'analog' ? toAtoms(outcome) : outcome;
    counts[text] = (counts[text] ?? 0) + 1;
  }
  return counts;
}

function pickByWeight(outcomes: readonly WeightedOutcome[], drawn: number): string {
  let rest = drawn;
  const picked = outcomes.find(([, weight]) => {
    rest -= weight;
    return rest < 0;
  });
  return picked?.[0] ?? '';
}

function misread(outcome: string, random: SeededRandom): string {
  return outcome.replace(/[01]/g, (bit) => (random.chance(READOUT_ERROR) ? String(1 - Number(bit)) : bit));
}

/** Analog machines tell of atoms in their ground state and in the Rydberg state. */
function toAtoms(outcome: string): string {
  return outcome.replaceAll('0', 'g').replaceAll('1', 'r');
}

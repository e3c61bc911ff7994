import type { ExperimentType } from './device-catalog.ts';
import type { IdealState } from './ideal-outcomes.ts';

/** An experiment that jobs belong to. */
export interface Experiment {
  /** The beginning of its jobs' names. */
  readonly title: string;
  /** The value of its jobs' tag `experiment`. */
  readonly tag: string;
  /** What its jobs would measure on a machine without faults. */
  readonly idealState: IdealState;
}

/** What the authors of the sandbox's jobs are working on. */
export const experimentCatalog: Readonly<Record<ExperimentType, readonly Experiment[]>> = {
  gate_model: [
    { title: 'Bell state', tag: 'bell-state', idealState: 'cat' },
    { title: 'GHZ fidelity', tag: 'ghz', idealState: 'cat' },
    { title: 'Grover search', tag: 'grover', idealState: 'marked' },
    { title: 'QAOA max-cut', tag: 'qaoa-maxcut', idealState: 'alternating' },
    { title: 'Quantum volume', tag: 'quantum-volume', idealState: 'spread' },
    { title: 'Randomized benchmarking', tag: 'rb', idealState: 'zeros' },
    { title: 'Surface code memory', tag: 'surface-code', idealState: 'zeros' },
    { title: 'VQE for H2', tag: 'vqe-h2', idealState: 'alternating' },
  ],
  analog: [
    { title: 'Independent set on a king graph', tag: 'mis', idealState: 'alternating' },
    { title: 'Rydberg blockade scan', tag: 'rydberg-blockade', idealState: 'spread' },
    { title: 'Z2 phase sweep', tag: 'z2-phase', idealState: 'alternating' },
  ],
  annealing: [
    { title: 'Portfolio selection', tag: 'portfolio', idealState: 'spread' },
    { title: 'Shift planning', tag: 'shift-planning', idealState: 'spread' },
  ],
};

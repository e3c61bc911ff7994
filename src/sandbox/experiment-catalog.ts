import type { ExperimentType } from './device-catalog.ts';

/** An experiment that jobs belong to. */
interface Experiment {
  /** The beginning of its jobs' names. */
  readonly title: string;
  /** The value of its jobs' tag `experiment`. */
  readonly tag: string;
}

/** What the authors of the sandbox's jobs are working on. */
export const experimentCatalog: Readonly<Record<ExperimentType, readonly Experiment[]>> = {
  gate_model: [
    { title: 'Bell state', tag: 'bell-state' },
    { title: 'GHZ fidelity', tag: 'ghz' },
    { title: 'Grover search', tag: 'grover' },
    { title: 'QAOA max-cut', tag: 'qaoa-maxcut' },
    { title: 'Quantum volume', tag: 'quantum-volume' },
    { title: 'Randomized benchmarking', tag: 'rb' },
    { title: 'Surface code memory', tag: 'surface-code' },
    { title: 'VQE for H2', tag: 'vqe-h2' },
  ],
  analog: [
    { title: 'Independent set on a king graph', tag: 'mis' },
    { title: 'Rydberg blockade scan', tag: 'rydberg-blockade' },
    { title: 'Z2 phase sweep', tag: 'z2-phase' },
  ],
  annealing: [
    { title: 'Portfolio selection', tag: 'portfolio' },
    { title: 'Shift planning', tag: 'shift-planning' },
  ],
};

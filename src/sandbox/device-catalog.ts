import type { components } from '../upstream/qbraid.generated.ts';

type Vendor = components['schemas']['Vendor'];
type Provider = components['schemas']['Provider'];
type DeviceQrn = `${Vendor}:${Provider}:${'sim' | 'qpu'}:${string}`;

/** What kind of program a device runs. */
export type ExperimentType = 'gate_model' | 'analog' | 'annealing';

/** A device that jobs are sent to. Prices are in credits (100 credits = 1 US dollar). */
export interface SandboxDevice {
  readonly qrn: string;
  readonly name: string;
  readonly vendor: string;
  readonly provider: string;
  /** Whether it is a machine, not a simulator. Machines have long queues. */
  readonly isQpu: boolean;
  readonly experimentType: ExperimentType;
  readonly creditsPerTask: number;
  readonly creditsPerShot: number;
}

function device(
  qrn: DeviceQrn,
  name: string,
  experimentType: ExperimentType,
  creditsPerTask: number,
  creditsPerShot = 0,
): SandboxDevice {
  const [vendor = '', provider = '', kind] = qrn.split(':');
  const isQpu = kind === 'qpu';
  return { qrn, name, vendor, provider, isQpu, experimentType, creditsPerTask, creditsPerShot };
}

/** The devices of the sandbox: every documented vendor and provider has at least one. */
export const deviceCatalog: readonly SandboxDevice[] = [
  device('aws:aqt:qpu:ibex-q1', 'IBEX Q1', 'gate_model', 30, 2.35),
  device('aws:aws:sim:sv1', 'SV1', 'gate_model', 0.375),
  device('aws:aws:sim:tn1', 'TN1', 'gate_model', 1.375),
  device('aws:ionq:qpu:forte-1', 'Forte 1', 'gate_model', 30, 8),
  device('aws:iqm:qpu:garnet', 'Garnet', 'gate_model', 30, 0.145),
  device('aws:oqc:qpu:lucy', 'Lucy', 'gate_model', 30, 0.035),
  device('aws:quera:qpu:aquila', 'Aquila', 'analog', 30, 1),
  device('aws:rigetti:qpu:ankaa-3', 'Ankaa-3', 'gate_model', 30, 0.09),
  device('azure:azure:sim:sparse', 'Sparse Simulator', 'gate_model', 0.25),
  device('azure:pasqal:qpu:fresnel', 'Fresnel', 'analog', 60, 0.833333),
  device('azure:pasqal:sim:emu-tn', 'Emu-TN', 'analog', 1.5),
  device('azure:quantinuum:qpu:h2-1', 'H2-1', 'gate_model', 125, 1.35),
  device('azure:quantinuum:sim:h2-1e', 'H2-1 Emulator', 'gate_model', 12.5, 0.135),
  device('azure:rigetti:sim:qvm', 'QVM', 'gate_model', 0.2),
  device('ibm:ibm:qpu:fez', 'Fez', 'gate_model', 160, 0.02),
  device('ibm:ibm:qpu:torino', 'Torino', 'gate_model', 160, 0.02),
  device('ionq:ionq:qpu:forte-enterprise-1', 'Forte Enterprise 1', 'gate_model', 30, 8),
  device('ionq:ionq:sim:simulator', 'IonQ Simulator', 'gate_model', 0.05),
  device('qbraid:equal1:sim:bell-1', 'Bell-1 Simulator', 'gate_model', 0.1),
  device('qbraid:nec:sim:vector-annealer', 'Vector Annealer', 'annealing', 2.5),
  device('qbraid:qbraid:sim:qir-sv', 'QIR Sparse State Vector', 'gate_model', 0.5),
];

import type { SandboxDevice } from './device-catalog.ts';
import type { JobState } from './job-state.ts';
import { createSeededRandom } from './seeded-random.ts';

/** A device as it stands at one instant. */
export interface DeviceState {
  readonly device: SandboxDevice;
  readonly statusMsg: string | null;
  /** How many jobs wait for it: those of the sandbox's keys, and those of others. */
  readonly queueDepth: number;
  /** In seconds. */
  readonly avgQueueTime: number;
}

/** How long a queue keeps its length: whoever reads it again soon sees the same. */
const STEP_MS = 30_000;

const SECONDS_PER_PLACE = { qpu: 15, simulator: 9 };

/** Reads a device at an instant. Its queue is at least as long as the given jobs of it say. */
export function toDeviceState(device: SandboxDevice, jobs: readonly JobState[], nowMs: number): DeviceState {
  const random = createSeededRandom(`${device.qrn}/${Math.floor(nowMs / STEP_MS)}`);
  const others = device.isQpu ? random.integer(20, 60) : random.integer(0, 6);
  const places = jobs
    .filter(({ plan }) => plan.device.qrn === device.qrn)
    .map(({ queuePosition }) => (queuePosition === null ? 0 : queuePosition + 1));
  const queueDepth = Math.max(others, ...places);
  return {
    device,
    statusMsg: device.isQpu ? 'Calibrated today.' : null,
    queueDepth,
    avgQueueTime: queueDepth * SECONDS_PER_PLACE[device.isQpu ? 'qpu' : 'simulator'],
  };
}

import { deviceCatalog, type SandboxDevice } from './device-catalog.ts';
import { type Experiment, experimentCatalog } from './experiment-catalog.ts';
import { type JobSlot, PARTS_PER_BATCH, toJobSlot } from './job-slot.ts';
import { drawJobStages, type JobStage } from './job-stages.ts';
import { createSeededRandom, type SeededRandom } from './seeded-random.ts';

/** All that a job of the sandbox is made from: the same id is the same job, for ever. */
export interface JobId {
  /** The seed of the sandbox. */
  readonly seed: number;
  /** Who submitted the job: a key or a team. */
  readonly owner: string;
  /** Its number in the schedule, see `toJobSlot`. */
  readonly index: number;
}

/** A job's whole life: what never changes of it, and all that will happen to it. Costs are in credits. */
export interface JobPlan {
  readonly qrn: string;
  readonly owner: string;
  readonly name: string | null;
  readonly device: SandboxDevice;
  readonly shots: number;
  readonly numCircuits: number;
  readonly experiment: Experiment;
  readonly tags: Readonly<Record<string, string | number | boolean>>;
  readonly runtimeOptions: Readonly<Record<string, unknown>>;
  readonly metadata: Readonly<Record<string, unknown>>;
  /** The batch that the job is a part of. */
  readonly batchQrn: string | null;
  /** Which part of its batch the job is, counted from 1; null where it is not a part. */
  readonly partNumber: number | null;
  readonly createdAtMs: number;
  /** What the job comes to, in this order; the first stage starts at its creation. */
  readonly stages: readonly JobStage[];
  /** How many jobs stand in front of it when its queue begins. */
  readonly queueLength: number;
  readonly estimatedCost: number;
  readonly finalCost: number;
}

/** Plans a job. The same id gives the same plan. */
export function planJob(id: JobId): JobPlan {
  const slot = toJobSlot(id.index);
  const random = createSeededRandom(`${id.seed}/${id.owner}/${id.index}`);
  if (slot.partNumber === null) return planWholeJob(id.owner, slot, random);
  const batch = planJob({ ...id, index: id.index - slot.partNumber });
  return planPart(batch, slot.partNumber, slot, random);
}

function planWholeJob(owner: string, slot: JobSlot, random: SeededRandom): JobPlan {
  const createdAtMs = drawCreatedAtMs(slot, random);
  const device = random.pick(deviceCatalog.filter(({ isQpu }) => isQpu === slot.isForQpu));
  const experiment = random.pick(experimentCatalog[device.experimentType]);
  const numCircuits = slot.isBatch ? PARTS_PER_BATCH : 1;
  const shots = random.pick([100, 200, 500, 1000, 1024, 2000, 4096]);
  const estimatedCost = toCredits(numCircuits * (device.creditsPerTask + shots * device.creditsPerShot));
  return {
    qrn: drawQrn(random, device, createdAtMs),
    owner,
    name: random.chance(0.1)
      ? null
      : `${experiment.title}${slot.isBatch ? ', batch' : ''} ${random.integer(1, 40)}`,
    device,
    shots,
    numCircuits,
    experiment,
    tags: drawTags(random, experiment.tag),
    runtimeOptions: random.chance(0.3) ? { optimizationLevel: random.integer(0, 3) } : {},
    metadata: random.chance(0.5) ? { numQubits: random.integer(2, 20), depth: random.integer(2, 90) } : {},
    batchQrn: null,
    partNumber: null,
    createdAtMs,
    stages: drawJobStages(random, createdAtMs, device.isQpu),
    queueLength: device.isQpu ? random.integer(20, 60) : random.integer(1, 6),
    estimatedCost,
    finalCost: toCredits(estimatedCost * (0.95 + 0.1 * random.fraction())),
  };
}

/** The parts of a batch wait with it, run one after the other while it runs, and end as it does. */
function planPart(batch: JobPlan, partNumber: number, slot: JobSlot, random: SeededRandom): JobPlan {
  const createdAtMs = drawCreatedAtMs(slot, random);
  const runStartsAtMs = batch.stages.at(-2)?.startsAtMs ?? createdAtMs;
  const runEndsAtMs = batch.stages.at(-1)?.startsAtMs ?? createdAtMs;
  const partMs = (runEndsAtMs - runStartsAtMs) / PARTS_PER_BATCH;
  const startsAtMs = [
    createdAtMs,
    ...batch.stages.slice(1, -2).map((stage) => stage.startsAtMs),
    Math.round(runStartsAtMs + (partNumber - 1) * partMs),
    Math.round(runStartsAtMs + partNumber * partMs),
  ];
  return {
    ...batch,
    qrn: drawQrn(random, batch.device, createdAtMs),
    name: batch.name === null ? null : `${batch.name}, part ${partNumber}`,
    numCircuits: 1,
    batchQrn: batch.qrn,
    partNumber,
    createdAtMs,
    stages: batch.stages.map(({ status }, index) => ({
      status,
      startsAtMs: startsAtMs[index] ?? createdAtMs,
    })),
    estimatedCost: toCredits(batch.estimatedCost / PARTS_PER_BATCH),
    finalCost: toCredits(batch.finalCost / PARTS_PER_BATCH),
  };
}

function drawCreatedAtMs({ startsAtMs, durationMs }: JobSlot, random: SeededRandom): number {
  return startsAtMs + random.integer(0, durationMs - 1);
}

/** The live qBraid API's form, whose last part is a MongoDB ObjectId, or now and then the documentation's. */
function drawQrn(random: SeededRandom, device: SandboxDevice, createdAtMs: number): string {
  if (random.chance(0.15)) return `qbraid:job:${random.hex(12)}`;
  const createdAtSeconds = Math.floor(createdAtMs / 1000) >>> 0;
  const objectId = createdAtSeconds.toString(16).padStart(8, '0') + random.hex(16);
  return `${device.qrn}-${random.hex(4)}-qjob-${objectId}`;
}

function drawTags(random: SeededRandom, experiment: string): JobPlan['tags'] {
  return {
    experiment,
    ...(random.chance(0.6) && { env: random.pick(['prod', 'staging', 'dev']) }),
    ...(random.chance(0.4) && { run: random.integer(1, 9) }),
    ...(random.chance(0.3) && { calibrated: random.chance(0.5) }),
  };
}

/** Rounds to the six decimals that credits have. */
function toCredits(amount: number): number {
  return Math.round(amount * 1e6) / 1e6;
}

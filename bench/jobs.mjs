import { createHash } from 'node:crypto';
import { createRandom, pickIndex } from './random.mjs';

/** The newest jobs are under way, and so are a few of the older ones. */
const NEWEST = 60;
const NEWEST_STATUSES = ['QUEUED', 'QUEUED', 'RUNNING', 'INITIALIZING', 'VALIDATING', 'COMPLETED'];
const OLDER_STATUSES = [
  ...Array(42).fill('COMPLETED'),
  ...['FAILED', 'FAILED', 'FAILED', 'CANCELLED', 'CANCELLED', 'HOLD', 'QUEUED', 'RUNNING'],
];
export const ENDED = ['COMPLETED', 'FAILED', 'CANCELLED'];

/** Eight batches run side by side for 400 jobs. Their parents were submitted first, so that they are the oldest of them. */
const BLOCK = 400;
const PARENTS = 8;

const NEWEST_AT_MS = Date.UTC(2026, 0, 14, 12);
const BETWEEN_JOBS_MS = 90_000;

const DEVICES = [
  { qrn: 'aws:ionq:qpu:forte-1', vendor: 'aws', provider: 'ionq' },
  { qrn: 'aws:rigetti:qpu:ankaa-3', vendor: 'aws', provider: 'rigetti' },
  { qrn: 'azure:quantinuum:qpu:h2-1', vendor: 'azure', provider: 'quantinuum' },
  { qrn: 'ibm:ibm:qpu:torino', vendor: 'ibm', provider: 'ibm' },
  { qrn: 'qbraid:qbraid:sim:qir-sv', vendor: 'qbraid', provider: 'qbraid' },
];

/**
 * The list of one owner, newest first, as the qBraid API documents its jobs.
 *
 * @param hasOwnQrns whether the names of the jobs are this owner's alone. If they are not, the same name means another job
 *   for each key, so that a gateway that mixes keys up gives a wrong answer.
 */
export function jobsOf(owner, count, hasOwnQrns) {
  const qrnOf = (index) => toQrn(hasOwnQrns ? owner : 'everybody', index);
  return Array.from({ length: count }, (_, index) => toJob(owner, index, count, qrnOf));
}

function toQrn(namespace, index) {
  const hex = createHash('sha1').update(`${namespace}/${index}`).digest('hex').slice(0, 24);
  return `${DEVICES[index % DEVICES.length].qrn}-7c2a-qjob-${hex}`;
}

function toJob(owner, index, count, qrnOf) {
  const random = createRandom(index);
  const device = DEVICES[index % DEVICES.length];
  const statuses = index < NEWEST ? NEWEST_STATUSES : OLDER_STATUSES;
  const status = statuses[pickIndex(random, statuses.length)];
  const isEnded = ENDED.includes(status);
  const createdAtMs = NEWEST_AT_MS - index * BETWEEN_JOBS_MS;
  const ranForMs = 1000 + pickIndex(random, 60_000);
  const estimatedCost = 10 + pickIndex(random, 5000) / 10;
  return {
    name: `Trotterized Ising chain ${index} of ${owner}`,
    shots: 100 * (1 + pickIndex(random, 40)),
    deviceQrn: device.qrn,
    tags: { owner, project: 'ising', revision: pickIndex(random, 9), nightly: index % 2 === 0 },
    runtimeOptions: { optimizationLevel: pickIndex(random, 4), errorMitigation: { debias: true } },
    jobQrn: qrnOf(index),
    batchJobQrn: toParent(index, count, random, qrnOf),
    vendor: device.vendor,
    provider: device.provider,
    status,
    statusMsg: status === 'FAILED' ? 'The device was recalibrated while the job ran.' : null,
    experimentType: 'gate_model',
    queuePosition: status === 'QUEUED' ? pickIndex(random, 60) : null,
    timeStamps: {
      createdAt: new Date(createdAtMs).toISOString(),
      endedAt: isEnded ? new Date(createdAtMs + ranForMs).toISOString() : null,
      executionDuration: isEnded ? ranForMs : null,
    },
    cost: isEnded ? (status === 'COMPLETED' ? estimatedCost : 0) : null,
    estimatedCost,
    metadata: { numQubits: 2 + pickIndex(random, 30), depth: 1 + pickIndex(random, 200), program: 'qasm3' },
  };
}

/** The batch that a job is a part of: null for a batch. */
function toParent(index, count, random, qrnOf) {
  const blockStart = index - (index % BLOCK);
  const parentsStart = Math.min(blockStart + BLOCK, count) - PARENTS;
  return index < parentsStart ? qrnOf(parentsStart + pickIndex(random, PARENTS)) : null;
}

import { isTerminal } from '../../jobs/job-progress.ts';
import { assertBatchQrn } from '../../jobs/qrn.ts';
import { toGlobalId } from '../global-id.ts';
import type { JobResolvers } from '../schema.generated.ts';

export const jobResolvers: JobResolvers = {
  id: ({ job }) => toGlobalId(job.qrn),
  qrn: ({ job }) => job.qrn,
  name: ({ job }) => job.name,
  status: ({ job }) => job.status,
  statusMsg: ({ job }) => job.statusMsg,
  shots: ({ job }) => job.shots,
  numCircuits: ({ job }) => job.numCircuits,
  deviceQrn: ({ job }) => job.deviceQrn,
  device: ({ job }) => job.device,
  vendor: ({ job }) => job.vendor,
  provider: ({ job }) => job.provider,
  experimentType: ({ job }) => job.experimentType,
  tags: ({ job }) => job.tags,
  // `tags` comes from outside: a name such as `constructor` must not reach the prototype.
  tag: ({ job }, { key }) => (Object.hasOwn(job.tags, key) ? job.tags[key] : null),
  runtimeOptions: ({ job }) => job.runtimeOptions,
  metadata: ({ job }) => job.metadata,
  batchJobQrn: ({ job }) => job.batchJobQrn,
  batchJob: ({ job }, _, context) =>
    job.batchJobQrn === null ? null : context.session().loaders.job(assertBatchQrn(job.batchJobQrn)),
  queuePosition: ({ job }) => job.queuePosition,
  timeStamps: ({ job }) => job.timeStamps,
  createdAt: ({ job }) => job.createdAt,
  updatedAt: ({ job }) => job.updatedAt,
  cost: ({ job }) => job.cost,
  estimatedCost: ({ job }) => job.estimatedCost,
  isTerminal: ({ job }) => isTerminal(job.status),
  keys: ({ keys }) => keys,
  fetchedAt: ({ fetched }) => fetched.date,
};

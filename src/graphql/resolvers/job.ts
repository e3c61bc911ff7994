import type { GraphQLResolveInfo } from 'graphql';
import { isTerminal } from '../../jobs/job-progress.ts';
import type { JobView } from '../../jobs/list-page.ts';
import { assertBatchQrn } from '../../jobs/qrn.ts';
import { toGlobalId } from '../global-id.ts';
import type { JobResolvers, JobTagArgs } from '../schema.generated.ts';
import { deviceOf } from './device.ts';

type FieldOfJob = (
  view: Pick<JobView, 'job'>,
  args: JobTagArgs,
  context: unknown,
  info: GraphQLResolveInfo,
) => unknown;

/** The fields that tell nothing but the job itself: the same for whoever may see it, whenever it was read. */
const fieldsOfJob = {
  id: ({ job }) => toGlobalId(job.qrn),
  qrn: ({ job }) => job.qrn,
  name: ({ job }) => job.name,
  status: ({ job }) => job.status,
  statusMsg: ({ job }) => job.statusMsg,
  shots: ({ job }) => job.shots,
  numCircuits: ({ job }) => job.numCircuits,
  deviceQrn: ({ job }) => job.deviceQrn,
  device: ({ job }, _: object, __: unknown, info) => deviceOf(job, info),
  vendor: ({ job }) => job.vendor,
  provider: ({ job }) => job.provider,
  experimentType: ({ job }) => job.experimentType,
  tags: ({ job }) => job.tags,
  // `tags` comes from outside: a name such as `constructor` must not reach the prototype.
  tag: ({ job }, { key }) => (Object.hasOwn(job.tags, key) ? job.tags[key] : null),
  runtimeOptions: ({ job }) => job.runtimeOptions,
  metadata: ({ job }) => job.metadata,
  batchJobQrn: ({ job }) => job.batchJobQrn,
  queuePosition: ({ job }) => job.queuePosition,
  timeStamps: ({ job }) => job.timeStamps,
  createdAt: ({ job }) => job.createdAt,
  updatedAt: ({ job }) => job.updatedAt,
  cost: ({ job }) => job.cost,
  estimatedCost: ({ job }) => job.estimatedCost,
  isTerminal: ({ job }) => isTerminal(job.status),
} satisfies Readonly<Record<string, FieldOfJob>>;

/** Whether a field of a job tells nothing but the job itself. */
export function isFieldOfJob(name: string): boolean {
  return Object.hasOwn(fieldsOfJob, name);
}

export const jobResolvers: JobResolvers = {
  ...fieldsOfJob,
  batchJob: ({ job }, _, context) =>
    job.batchJobQrn === null ? null : context.session().loaders.job(assertBatchQrn(job.batchJobQrn)),
  result: (view, _, context) =>
    view.job.status === 'COMPLETED' ? context.session().loaders.result(view) : null,
  keys: ({ keys }) => keys,
  fetchedAt: ({ fetched }) => fetched.date,
};

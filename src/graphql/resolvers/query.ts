import type { GraphQLResolveInfo } from 'graphql';
import type { JobView } from '../../jobs/job-view.ts';
import { KeysFailedError } from '../../jobs/keys-failed-error.ts';
import { assertQrn } from '../../jobs/qrn.ts';
import { invalidInput } from '../../lib/gateway-error.ts';
import type { ConnectionWants } from '../../paging/read-connection.ts';
import { fromGlobalId } from '../global-id.ts';
import { openJobList } from '../open-job-list.ts';
import { reportFailures } from '../report-failures.ts';
import type { QueryResolvers } from '../schema.generated.ts';
import { selectedFields } from '../selected-fields.ts';

const MAX_NODES = 500;

export const queryResolvers: QueryResolvers = {
  job: (_, { qrn }, context) => context.session().loaders.job(assertQrn(qrn)),

  rateLimit: (_, __, context) => {
    const { credentials, budgetOf } = context.session();
    return credentials.map(({ label, key }) => {
      return { key: label, ...budgetOf(key) };
    });
  },

  node: (_, { id }, context) => orNull(context.session().loaders.job(fromGlobalId(id))),

  // Each id fails by itself: the list cannot be null, and what stands beside it should stay.
  nodes: (_, { ids }, context) => {
    if (ids.length > MAX_NODES) return refuseAll(ids);
    return ids.map(async (id) => orNull(context.session().loaders.job(fromGlobalId(id))));
  },

  jobs: async (_, { filter, ...page }, context, info) => {
    const { credentials, loaders } = context.session();
    const list = openJobList(credentials, filter);
    try {
      const connection = await list.read(loaders, page, wantsOf(info));
      reportFailures(connection, context, info);
      return connection;
    } catch (error) {
      // The first failure becomes the error of the field itself.
      const [, ...others] = error instanceof KeysFailedError ? error.failures : [];
      for (const failure of others) context.report(failure, info);
      throw error;
    }
  },
};

const JOB_FIELDS = ['edges', 'nodes', 'pageInfo.startCursor', 'pageInfo.endCursor'];
const NEIGHBOUR_FIELDS = ['pageInfo.hasNextPage', 'pageInfo.hasPreviousPage'];

function wantsOf(info: GraphQLResolveInfo): ConnectionWants {
  const fields = selectedFields(info);
  const has = (name: string) => fields.has(name);
  return { jobs: JOB_FIELDS.some(has), neighbours: NEIGHBOUR_FIELDS.some(has) };
}

/** One error says it for all: an error for each of a hundred thousand ids would cost more than to read them. */
function refuseAll(ids: readonly string[]): (Promise<JobView> | null)[] {
  const error = invalidInput(
    `\`ids\` must be at most ${MAX_NODES}, got ${ids.length}: ask for them in parts.`,
  );
  return ids.map((_, index) => (index === 0 ? Promise.reject(error) : null));
}

/** Null where there is no such job. Typed as a job, since the generated types know promises of null only as null. */
async function orNull(job: Promise<JobView>): Promise<JobView> {
  return job.catch((error: unknown) => {
    const isNotFound = error instanceof KeysFailedError && error.failures[0]?.error.kind === 'not-found';
    if (isNotFound) return null as unknown as JobView;
    throw error;
  });
}

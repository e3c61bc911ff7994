import type { GraphQLResolveInfo } from 'graphql';
import { isNotFound } from '../../jobs/keys-failed-error.ts';
import type { JobView } from '../../jobs/list-page.ts';
import { assertQrn } from '../../jobs/qrn.ts';
import { invalidInput } from '../../lib/gateway-error.ts';
import type { ConnectionWants } from '../../paging/read-connection.ts';
import { fromGlobalId } from '../global-id.ts';
import { MAX_IDS } from '../graphql-context.ts';
import { openJobList } from '../open-job-list.ts';
import { pickCredentials } from '../pick-credentials.ts';
import { readJobCounts } from '../read-job-counts.ts';
import { readJobList, reportingFailures } from '../read-job-list.ts';
import type { QueryResolvers } from '../schema.generated.ts';
import { selectedFields } from '../selected-fields.ts';

export const queryResolvers: QueryResolvers = {
  job: (_, { qrn }, context) => context.session().loaders.job(assertQrn(qrn)),

  async jobCounts(_, { keys }, context, info) {
    const { credentials, loaders } = context.session();
    const picked = pickCredentials(credentials, keys, 'keys');
    return reportingFailures(readJobCounts(picked, loaders), context, info);
  },

  async device(_, { qrn }, context) {
    const carried = await context.session().loaders.device(assertQrn(qrn));
    return { qrn, carried };
  },

  async rateLimit(_, __, context) {
    const { credentials, budgetOf, catchUp } = context.session();
    await catchUp(credentials.map(({ key }) => key));
    return credentials.map(({ label, key }) => {
      return { key: label, ...budgetOf(key) };
    });
  },

  node: (_, { id }, context) => nullIfNotFound(context.session().loaders.job(fromGlobalId(id))),

  // Each id fails by itself: the list is never null, and the other nodes keep their values.
  nodes: (_, { ids }, context) => {
    if (!context.takeIds(ids.length)) return refuseAll(ids);
    return ids.map(async (id) => nullIfNotFound(context.session().loaders.job(fromGlobalId(id))));
  },

  jobs: (_, page, context, info) => {
    const list = openJobList(context.session().credentials, page.filter);
    return readJobList(list, { page, wants: wantsOf(info) }, context, info);
  },
};

const JOB_FIELDS = ['edges', 'nodes', 'pageInfo.startCursor', 'pageInfo.endCursor'];
const NEIGHBOUR_FIELDS = ['pageInfo.hasNextPage', 'pageInfo.hasPreviousPage'];

function wantsOf(info: GraphQLResolveInfo): ConnectionWants {
  const fields = selectedFields(info);
  const has = (name: string) => fields.has(name);
  return { jobs: JOB_FIELDS.some(has), neighbours: NEIGHBOUR_FIELDS.some(has) };
}

/** Gives one error for all ids: an error for each of fifty thousand ids takes seconds to write. */
function refuseAll(ids: readonly string[]): (Promise<JobView> | null)[] {
  const error = invalidInput(
    `\`ids\` must be at most ${MAX_IDS} in all of an operation, got more: ask for them in parts.`,
  );
  return ids.map((_, index) => (index === 0 ? Promise.reject(error) : null));
}

/** Replaces the error of a job that does not exist by null. The generated types do not allow a promise of null. */
async function nullIfNotFound(job: Promise<JobView>): Promise<JobView> {
  return job.catch((error: unknown) => {
    if (isNotFound(error)) return null as unknown as JobView;
    throw error;
  });
}

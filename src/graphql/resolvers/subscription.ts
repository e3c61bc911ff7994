import type { GraphQLResolveInfo } from 'graphql';
import { isFailure } from '../../jobs/failures.ts';
import { assertQrn } from '../../jobs/qrn.ts';
import { invalidInput } from '../../lib/gateway-error.ts';
import type { JobUpdate } from '../../live/watch-job.ts';
import { watchJobs } from '../../live/watch-jobs.ts';
import { type ListUpdate, watchList } from '../../live/watch-list.ts';
import type { JobConnectionView } from '../../paging/job-connection.ts';
import type { ConnectionWants } from '../../paging/read-connection.ts';
import type { GraphQLContext } from '../graphql-context.ts';
import { openJobList } from '../open-job-list.ts';
import { readJobList, reportFailures } from '../read-job-list.ts';
import type { SubscriptionJobsChangedArgs, SubscriptionResolvers } from '../schema.generated.ts';

const MAX_WATCHED = 200;

export const subscriptionResolvers: SubscriptionResolvers = {
  jobUpdated: {
    async subscribe(_, { qrns }, context) {
      const { pollers, clock } = context;
      const { credentials, client, catchUp, withdrawal } = context.session();
      const watched = assertQrns(qrns);
      // The likeliest key is the one that saw the job last, wherever that was.
      await catchUp(credentials.map(({ key }) => key));
      return watchJobs(watched, { pollers, clock, credentials, client, until: withdrawal });
    },
    resolve(update: JobUpdate, _: unknown, context: GraphQLContext) {
      context.beginEvent();
      if (update instanceof Error) throw update;
      // What was read with a key that is refused since then must not be shown.
      const { refusals, loaders } = context.session();
      return refusals.hasAny(update.keys) ? loaders.job(update.job.qrn) : update;
    },
  },

  jobsChanged: {
    subscribe(_, { filter, ...page }, context) {
      const { pollers } = context;
      const { credentials, openLoaders, withdrawal } = context.session();
      const list = openJobList(credentials, filter);
      list.assertPage(page);
      return watchList({
        pollers,
        credentials: list.credentials,
        page: list.nameOf(page),
        until: withdrawal,
        async read({ maxAgeMs, signal, cachedSince }) {
          let isStale = false;
          const markStale = () => {
            isStale = true;
          };
          const loaders = openLoaders({ maxAgeMs, cachedSince, deadline: { signal }, markStale });
          return { page: await list.read(loaders, page, ALL), isStale };
        },
      });
    },
    resolve(
      update: ListUpdate,
      { filter, ...page }: SubscriptionJobsChangedArgs,
      context: GraphQLContext,
      info: GraphQLResolveInfo,
    ) {
      context.beginEvent();
      if (update instanceof Error) throw update;
      const { refusals, credentials } = context.session();
      if (refusals.hasAny(answeredKeys(update.page))) {
        return readJobList(openJobList(credentials, filter), { page, wants: ALL }, context, info);
      }
      if (update.isStale) context.markStale();
      reportFailures(update.page, context, info);
      return update.page;
    },
  },
};

/** Watched pages are read completely: when an event is sent must not depend on what the client selects. */
const ALL: ConnectionWants = { jobs: true, neighbours: true };

/** Lists the labels of the keys that contributed to a page. */
function answeredKeys({ sources }: JobConnectionView): readonly string[] {
  return sources.flatMap(({ key, result }) => (isFailure(result) ? [] : [key]));
}

function assertQrns(qrns: readonly string[]): readonly string[] {
  const distinct = [...new Set(qrns)].map(assertQrn);
  if (distinct.length >= 1 && distinct.length <= MAX_WATCHED) return distinct;
  throw invalidInput(
    `\`qrns\` must be 1 to ${MAX_WATCHED} jobs, got ${distinct.length}: watch more with several subscriptions, or with \`jobsChanged\`.`,
  );
}

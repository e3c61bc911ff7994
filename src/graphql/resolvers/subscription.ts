import type { GraphQLResolveInfo } from 'graphql';
import { assertQrn } from '../../jobs/qrn.ts';
import { invalidInput } from '../../lib/gateway-error.ts';
import type { JobUpdate } from '../../live/watch-job.ts';
import { watchJobs } from '../../live/watch-jobs.ts';
import { type ListUpdate, watchList } from '../../live/watch-list.ts';
import { toPageWindow } from '../../paging/list/page-window.ts';
import type { GraphQLContext } from '../graphql-context.ts';
import { openJobList } from '../open-job-list.ts';
import { reportFailures } from '../report-failures.ts';
import type { SubscriptionResolvers } from '../schema.generated.ts';

const MAX_WATCHED = 200;

export const subscriptionResolvers: SubscriptionResolvers = {
  jobUpdated: {
    subscribe(_, { qrns }, { session, pollers, clock }) {
      return watchJobs(assertQrns(qrns), { pollers, clock, credentials: session().credentials });
    },
    resolve(update: JobUpdate, _: unknown, context: GraphQLContext) {
      context.beginEvent();
      if (update instanceof Error) throw update;
      return update;
    },
  },

  jobsChanged: {
    subscribe(_, { filter, first }, { session, pollers, clock, limits }) {
      const page = { first };
      toPageWindow(page);
      const { credentials, openLoaders } = session();
      const list = openJobList(credentials, filter);
      const maxAgeMs = limits.minIntervalMs / 2;
      return watchList({
        pollers,
        clock,
        credentials: list.credentials,
        async read() {
          let isStale = false;
          const markStale = () => {
            isStale = true;
          };
          const loaders = openLoaders({ maxAgeMs, markStale });
          return { page: await list.read(loaders, page, { jobs: true, neighbours: true }), isStale };
        },
      });
    },
    resolve(update: ListUpdate, _: unknown, context: GraphQLContext, info: GraphQLResolveInfo) {
      context.beginEvent();
      if (update instanceof Error) throw update;
      if (update.isStale) context.markStale();
      reportFailures(update.page, context, info);
      return update.page;
    },
  },
};

function assertQrns(qrns: readonly string[]): readonly string[] {
  const distinct = [...new Set(qrns)].map(assertQrn);
  if (distinct.length >= 1 && distinct.length <= MAX_WATCHED) return distinct;
  throw invalidInput(
    `\`qrns\` must be 1 to ${MAX_WATCHED} jobs, got ${distinct.length}: watch more with several subscriptions, or with \`jobsChanged\`.`,
  );
}

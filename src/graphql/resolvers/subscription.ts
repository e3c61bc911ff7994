import type { GraphQLResolveInfo } from 'graphql';
import { assertQrn } from '../../jobs/qrn.ts';
import { invalidInput } from '../../lib/gateway-error.ts';
import type { JobNews } from '../../live/watch-job.ts';
import { watchJobs } from '../../live/watch-jobs.ts';
import { type ListNews, watchList } from '../../live/watch-list.ts';
import { toPageWindow } from '../../paging/page-window.ts';
import type { GraphQLContext } from '../graphql-context.ts';
import { openJobList } from '../open-job-list.ts';
import { reportFailures } from '../report-failures.ts';
import type { SubscriptionResolvers } from '../schema.generated.ts';

const MAX_WATCHED = 200;

export const subscriptionResolvers: SubscriptionResolvers = {
  jobUpdated: {
    subscribe(_, { qrns }, { session, hub, clock }) {
      return watchJobs(assertQrns(qrns), { hub, clock, credentials: session().credentials });
    },
    resolve(news: JobNews, _: unknown, context: GraphQLContext) {
      context.beginEvent();
      if (news instanceof Error) throw news;
      return news;
    },
  },

  jobsChanged: {
    subscribe(_, { filter, first }, { session, hub, limits }) {
      const page = { first };
      toPageWindow(page);
      const { credentials, openLoaders } = session();
      const list = openJobList(credentials, filter);
      const maxAgeMs = limits.minIntervalMs / 2;
      return watchList({
        hub,
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
    resolve(news: ListNews, _: unknown, context: GraphQLContext, info: GraphQLResolveInfo) {
      context.beginEvent();
      if (news instanceof Error) throw news;
      if (news.isStale) context.markStale();
      reportFailures(news.page, context, info);
      return news.page;
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

import type { GraphQLResolveInfo } from 'graphql';
import { isFailure } from '../../jobs/failures.ts';
import { assertQrn } from '../../jobs/qrn.ts';
import { invalidInput } from '../../lib/gateway-error.ts';
import type { JobNews } from '../../live/watch-job.ts';
import { watchJobs } from '../../live/watch-jobs.ts';
import { type ListNews, watchList } from '../../live/watch-list.ts';
import type { JobConnectionView } from '../../paging/job-connection.ts';
import type { ConnectionWants } from '../../paging/read-connection.ts';
import type { GraphQLContext } from '../graphql-context.ts';
import { openJobList } from '../open-job-list.ts';
import { readJobList, reportFailures } from '../read-job-list.ts';
import type { SubscriptionJobsChangedArgs, SubscriptionResolvers } from '../schema.generated.ts';

const MAX_WATCHED = 200;

export const subscriptionResolvers: SubscriptionResolvers = {
  jobUpdated: {
    subscribe(_, { qrns }, { session, hub, clock }) {
      return watchJobs(assertQrns(qrns), { hub, clock, credentials: session().credentials });
    },
    resolve(news: JobNews, _: unknown, context: GraphQLContext) {
      context.beginEvent();
      if (news instanceof Error) throw news;
      // What was read with a key that is refused since then must not be shown.
      const { refusals, loaders } = context.session();
      return refusals.hasAny(news.keys) ? loaders.job(news.job.qrn) : news;
    },
  },

  jobsChanged: {
    subscribe(_, { filter, ...page }, { session, hub, limits }) {
      const { credentials, openLoaders } = session();
      const list = openJobList(credentials, filter);
      list.assertPage(page);
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
          return { page: await list.read(loaders, page, ALL), isStale };
        },
      });
    },
    resolve(
      news: ListNews,
      { filter, ...page }: SubscriptionJobsChangedArgs,
      context: GraphQLContext,
      info: GraphQLResolveInfo,
    ) {
      context.beginEvent();
      if (news instanceof Error) throw news;
      const { refusals, credentials } = context.session();
      if (refusals.hasAny(answeredKeys(news.page))) {
        return readJobList(openJobList(credentials, filter), { page, wants: ALL }, context, info);
      }
      if (news.isStale) context.markStale();
      reportFailures(news.page, context, info);
      return news.page;
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

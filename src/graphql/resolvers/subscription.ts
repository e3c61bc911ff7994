import type { GraphQLResolveInfo } from 'graphql';
import { InvalidInputError } from '../../jobs/invalid-input-error.ts';
import { toPageWindow } from '../../jobs/page-window.ts';
import { assertQrn } from '../../jobs/qrn.ts';
import { type JobNews, watchJobs } from '../../jobs/watch-jobs.ts';
import { type ListNews, watchList } from '../../jobs/watch-list.ts';
import { WatchRefusedError } from '../../jobs/watch-refused-error.ts';
import type { GraphQLContext } from '../graphql-context.ts';
import { openJobList } from '../open-job-list.ts';
import { reportFailures } from '../report-failures.ts';
import type { SubscriptionResolvers } from '../schema.generated.ts';

const MAX_WATCHED = 200;

export const subscriptionResolvers: SubscriptionResolvers = {
  jobUpdated: {
    subscribe(_, { qrns }, context) {
      const { credentials, openLoaders } = context.session();
      const { hub, clock, limits } = context;
      return watchJobs(assertQrns(qrns), {
        hub,
        clock,
        limits,
        credentials,
        openReader: () => openLoaders().job,
      });
    },
    resolve(news: JobNews, _: unknown, context: GraphQLContext) {
      context.beginEvent();
      if (news.kind === 'job') return news.job;
      throw new WatchRefusedError(news.qrn, news.failure, context.session().credentials.length > 1);
    },
  },

  jobsChanged: {
    subscribe(_, { filter, first }, context) {
      toPageWindow({ first });
      const { credentials, openLoaders } = context.session();
      const list = openJobList(credentials, filter);
      return watchList({
        hub: context.hub,
        credentials: list.credentials,
        read: () => list.read(openLoaders(), { first }, { jobs: true, neighbours: true }),
      });
    },
    resolve(news: ListNews, _: unknown, context: GraphQLContext, info: GraphQLResolveInfo) {
      context.beginEvent();
      if (news.kind === 'refused') throw news.error;
      reportFailures(news.page, context, info);
      return news.page;
    },
  },
};

function assertQrns(qrns: readonly string[]): readonly string[] {
  const distinct = [...new Set(qrns)].map(assertQrn);
  if (distinct.length >= 1 && distinct.length <= MAX_WATCHED) return distinct;
  throw new InvalidInputError(
    `\`qrns\` must be 1 to ${MAX_WATCHED} jobs, got ${distinct.length}: watch more with several subscriptions, or with \`jobsChanged\`.`,
  );
}

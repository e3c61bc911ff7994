import type { GraphQLResolveInfo } from 'graphql';
import { isFailure } from '../../jobs/failures.ts';
import { assertQrn } from '../../jobs/qrn.ts';
import { invalidInput } from '../../lib/gateway-error.ts';
import { connectionKind } from '../../live/connection-kind.ts';
import type { MergedView, ReadView } from '../../live/view-poller.ts';
import type { JobUpdate } from '../../live/watch-job.ts';
import { watchJobs } from '../../live/watch-jobs.ts';
import { type ViewUpdate, watchView } from '../../live/watch-view.ts';
import type { JobConnectionView } from '../../paging/job-connection.ts';
import type { ConnectionWants } from '../../paging/read-connection.ts';
import type { GraphQLContext } from '../graphql-context.ts';
import type { Loaders } from '../loaders.ts';
import { countsKind, type JobCountsView } from '../merge-counts.ts';
import { openJobList } from '../open-job-list.ts';
import { pickCredentials } from '../pick-credentials.ts';
import { readJobCounts } from '../read-job-counts.ts';
import { readJobList, reportFailures, reportingFailures } from '../read-job-list.ts';
import type {
  SubscriptionJobCountsChangedArgs,
  SubscriptionJobsChangedArgs,
  SubscriptionResolvers,
} from '../schema.generated.ts';
import type { Session } from '../session.ts';

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
      if (update instanceof Error) throw update;
      // What was read with a key that is refused since then must not be shown.
      const session = context.session();
      return session.refusals.hasAny(update.keys) ? session.loaders.job(update.job.qrn) : update;
    },
  },

  jobsChanged: {
    subscribe(_, page, context) {
      const { pollers } = context;
      const { credentials, openLoaders, withdrawal } = context.session();
      const list = openJobList(credentials, page.filter);
      list.assertPage(page);
      return watchView({
        pollers,
        credentials: list.credentials,
        name: list.nameOf(page),
        until: withdrawal,
        kind: connectionKind,
        read: reading(openLoaders, (loaders) => list.read(loaders, page, ALL)),
      });
    },
    resolve(
      update: ViewUpdate<JobConnectionView>,
      page: SubscriptionJobsChangedArgs,
      context: GraphQLContext,
      info: GraphQLResolveInfo,
    ) {
      return show(update, context, info, ({ credentials }) =>
        readJobList(openJobList(credentials, page.filter), { page, wants: ALL }, context, info),
      );
    },
  },

  jobCountsChanged: {
    subscribe(_, { keys }, context) {
      const { pollers } = context;
      const { credentials, openLoaders, withdrawal } = context.session();
      const picked = pickCredentials(credentials, keys, 'keys');
      return watchView({
        pollers,
        credentials: picked,
        name: COUNTS,
        until: withdrawal,
        kind: countsKind,
        read: reading(openLoaders, (loaders) => readJobCounts(picked, loaders)),
      });
    },
    resolve(
      update: ViewUpdate<JobCountsView>,
      { keys }: SubscriptionJobCountsChangedArgs,
      context: GraphQLContext,
      info: GraphQLResolveInfo,
    ) {
      return show(update, context, info, ({ credentials, loaders }) => {
        const picked = pickCredentials(credentials, keys, 'keys');
        return reportingFailures(readJobCounts(picked, loaders), context, info);
      });
    },
  },
};

/** The name of what is read with some keys. No page of a list has it. */
const COUNTS = 'counts';

/** Makes what reads for a poll, with loaders of its own. */
function reading<View extends MergedView>(
  openLoaders: Session['openLoaders'],
  read: (loaders: Loaders) => Promise<View>,
): ReadView<View> {
  return ({ signal, ...options }) => read(openLoaders({ ...options, deadline: { signal } }));
}

/**
 * Begins the event of an update, and gives what it shows. What was read with a key that is refused since then must not be shown,
 * and is read anew.
 */
function show<View extends MergedView>(
  update: ViewUpdate<View>,
  context: GraphQLContext,
  info: GraphQLResolveInfo,
  readAnew: (session: Session) => Promise<View>,
): View | Promise<View> {
  if (update instanceof Error) throw update;
  const session = context.session();
  if (session.refusals.hasAny(answeredKeys(update))) return readAnew(session);
  if (update.isStale) context.markStale();
  reportFailures(update, context, info);
  return update;
}

/** Watched pages are read completely: when an event is sent must not depend on what the client selects. */
const ALL: ConnectionWants = { jobs: true, neighbours: true };

/** The labels of the keys that gave a part. */
function answeredKeys({ sources }: MergedView): readonly string[] {
  return sources.flatMap(({ key, result }) => (isFailure(result) ? [] : [key]));
}

function assertQrns(qrns: readonly string[]): readonly string[] {
  const distinct = [...new Set(qrns)].map(assertQrn);
  if (distinct.length >= 1 && distinct.length <= MAX_WATCHED) return distinct;
  throw invalidInput(
    `\`qrns\` must be 1 to ${MAX_WATCHED} jobs, got ${distinct.length}: watch more with several subscriptions, or with \`jobsChanged\`.`,
  );
}

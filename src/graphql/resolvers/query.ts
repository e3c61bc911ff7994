import type { Credential } from '../../auth/credential.ts';
import { AllKeysFailedError } from '../../jobs/all-keys-failed-error.ts';
import { InvalidInputError } from '../../jobs/invalid-input-error.ts';
import { isFailure } from '../../jobs/is-failure.ts';
import type { JobView } from '../../jobs/job-view.ts';
import { assertQrn } from '../../jobs/qrn.ts';
import { readConnection } from '../../jobs/read-connection.ts';
import { fromGlobalId } from '../global-id.ts';
import type { QueryResolvers } from '../schema.generated.ts';
import { selectedFields } from '../selected-fields.ts';
import { toListFilter } from '../to-list-filter.ts';

const MAX_NODES = 500;

export const queryResolvers: QueryResolvers = {
  job: (_, { qrn }, context) => context.session().loaders.job(assertQrn(qrn)),

  rateLimit: (_, __, context) => {
    const { credentials, budgetOf } = context.session();
    return credentials.map(({ label, key }) => {
      const { resetAtMs, ...budget } = budgetOf(key);
      return { key: label, ...budget, resetAt: resetAtMs === null ? null : new Date(resetAtMs) };
    });
  },

  node: (_, { id }, context) => orNull(context.session().loaders.job(fromGlobalId(id))),

  // Each id fails by itself: the list cannot be null, and what stands beside it should stay.
  nodes: (_, { ids }, context) =>
    ids.map(async (id) => {
      if (ids.length <= MAX_NODES) return orNull(context.session().loaders.job(fromGlobalId(id)));
      throw new InvalidInputError(
        `\`ids\` must be at most ${MAX_NODES}, got ${ids.length}: ask for them in parts.`,
      );
    }),

  jobs: async (_, { filter, ...page }, context, info) => {
    const { credentials, loaders } = context.session();
    const fields = selectedFields(info);
    const listFilter = toListFilter(filter);
    const connection = await readConnection((credential) => loaders.pages(credential, listFilter), {
      ...page,
      filter: listFilter,
      credentials: narrow(credentials, filter?.keys),
      wants: {
        jobs: ['edges', 'nodes', 'pageInfo.startCursor', 'pageInfo.endCursor'].some((name) =>
          fields.has(name),
        ),
        neighbours: ['pageInfo.hasNextPage', 'pageInfo.hasPreviousPage'].some((name) => fields.has(name)),
      },
    }).catch((error) => {
      const [, ...others] = error instanceof AllKeysFailedError ? error.failures : [];
      for (const failure of others) context.report(failure, info);
      throw error;
    });
    for (const { key, result } of connection.sources) {
      if (isFailure(result)) context.report({ label: key, error: result }, info);
    }
    return connection;
  },
};

/** Null where there is no such job. Typed as a job, since the generated types know promises of null only as null. */
async function orNull(job: Promise<JobView>): Promise<JobView> {
  return job.catch((error: unknown) => {
    const isNotFound = error instanceof AllKeysFailedError && error.failures[0]?.error.kind === 'not-found';
    if (isNotFound) return null as unknown as JobView;
    throw error;
  });
}

/** The keys with these labels; all of them where no label is given. */
function narrow(
  credentials: readonly Credential[],
  labels: readonly string[] | null | undefined,
): readonly Credential[] {
  if (labels == null) return credentials;
  const known = credentials.map(({ label }) => label);
  const unknown = labels.find((label) => !known.includes(label));
  if (labels.length === 0 || unknown !== undefined) {
    throw new InvalidInputError(
      `\`filter.keys\` must hold labels of the request's keys (${known.join(', ')}), got ` +
        `${unknown === undefined ? 'none' : JSON.stringify(unknown.slice(0, 50))}: leave it out for all keys.`,
    );
  }
  return credentials.filter(({ label }) => labels.includes(label));
}

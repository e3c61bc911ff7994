import DataLoader from 'dataloader';
import type { ApiKey, Credential } from '../auth/api-key.ts';
import type { FetchedJob, JobView, ListPage, ReadPage } from '../jobs/list-page.ts';
import type { Clock } from '../lib/clock.ts';
import type { Tracing } from '../lib/tracing.ts';
import { OperationBudget } from '../store/admission/operation-budget.ts';
import { findJob } from '../store/find-job.ts';
import type { JobStore, PageQuery } from '../store/job-store.ts';
import type { ReadScope } from '../store/read-scope.ts';
import type { ListFilter } from '../upstream/job-list.ts';

/** What the fields of one operation read through, so that none of them asks twice. New for each request. */
export interface Loaders {
  /**
   * The job with this name, under whichever of the request's keys may see it.
   *
   * @throws {KeysFailedError} where none may.
   */
  readonly job: (qrn: string) => Promise<JobView>;

  /** What reads the pages of one key's filtered list. */
  readonly pages: (credential: Credential, filter: ListFilter) => ReadPage;
}

/** What an operation asks of all its reads. */
export interface LoaderOptions extends Omit<ReadScope, 'operationBudget' | 'mayBeStale'> {
  readonly clock: Pick<Clock, 'schedule'>;
  /** How many upstream requests the operation may cause for each key. */
  readonly maxUpstreamRequests: number;
  readonly tracing: Tracing;
}

/** Makes the loaders of a request with these keys. */
export function createLoaders(
  store: JobStore,
  credentials: readonly Credential[],
  { maxUpstreamRequests, clock, tracing, ...options }: LoaderOptions,
): Loaders {
  const loadersOf = new Map<Credential, ReturnType<typeof createKeyLoaders>>();
  const loadersFor = (credential: Credential) => {
    const known = loadersOf.get(credential);
    if (known !== undefined) return known;
    if (!credentials.includes(credential))
      throw new RangeError(`The request has no key ${JSON.stringify(credential.label)}.`);
    const scope = { ...options, operationBudget: new OperationBudget(maxUpstreamRequests) };
    const loaders = createKeyLoaders(store, credential.key, scope, tracing);
    loadersOf.set(credential, loaders);
    return loaders;
  };
  const jobs = new Map<string, Promise<JobView>>();

  return {
    job(qrn) {
      const known = jobs.get(qrn);
      if (known !== undefined) return known;
      const job = findJob({
        credentials,
        likeliest: store.lastToSee(credentials, qrn),
        readJob: (credential, mayBeStale) => {
          const { anyJobs, currentJobs } = loadersFor(credential);
          return (mayBeStale ? anyJobs() : currentJobs()).load(qrn);
        },
        clock,
      });
      jobs.set(qrn, job);
      return job;
    },
    pages: (credential, filter) => (page, since) =>
      loadersFor(credential).pages().load({ filter, page, since }),
  };
}

/** What reads with one key, all fields together. Each loader is made when it is first used. */
function createKeyLoaders(store: JobStore, key: ApiKey, scope: ReadScope, tracing: Tracing) {
  const follow = <T>(what: string, size: number, load: () => Promise<T>) =>
    tracing.span(`load ${what}`, { attributes: { 'graphql.batch.size': size } }, load);
  const jobLoader = (mayBeStale: boolean) => () =>
    new DataLoader<string, FetchedJob>((qrns) =>
      follow('jobs', qrns.length, () => store.getJobs(key, qrns, { ...scope, mayBeStale })),
    );
  const pageLoader = () =>
    new DataLoader<PageQuery, ListPage, string>(
      (queries) => follow('pages', queries.length, () => store.listJobs(key, queries, scope)),
      { cacheKeyFn: JSON.stringify },
    );
  return { currentJobs: once(jobLoader(false)), anyJobs: once(jobLoader(true)), pages: once(pageLoader) };
}

/** Makes something when it is first asked for. */
function once<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

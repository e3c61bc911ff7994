import DataLoader from 'dataloader';
import type { Credential } from '../auth/credential.ts';
import type { JobView } from '../jobs/job-view.ts';
import type { FetchedJob, ListPage, ReadPage } from '../jobs/list-page.ts';
import { OperationBudget } from '../store/admission/operation-budget.ts';
import { findJob } from '../store/find-job.ts';
import type { JobStore } from '../store/job-store.ts';
import type { PageRequest } from '../store/page-reader.ts';
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
export interface LoaderOptions extends Omit<ReadScope, 'operationBudget'> {
  /** How many requests to the service the operation may cause for each key. */
  readonly maxUpstreamRequests: number;
}

/** Makes the loaders of a request with these keys. */
export function createLoaders(
  store: JobStore,
  credentials: readonly Credential[],
  { maxUpstreamRequests, ...options }: LoaderOptions,
): Loaders {
  const loadersOf = new Map(
    credentials.map(({ label, key }) => {
      const scope: ReadScope = { ...options, operationBudget: new OperationBudget(maxUpstreamRequests) };
      const jobs = new DataLoader<string, FetchedJob>((qrns) => store.getJobs(key, qrns, scope));
      const pages = new DataLoader<PageRequest, ListPage, string>(
        (requests) => store.listJobs(key, requests, scope),
        { cacheKeyFn: JSON.stringify },
      );
      return [label, { jobs, pages }];
    }),
  );
  const loadersFor = ({ label }: Credential) => {
    const loaders = loadersOf.get(label);
    if (loaders === undefined) throw new RangeError(`The request has no key ${JSON.stringify(label)}.`);
    return loaders;
  };

  const views = new DataLoader<string, JobView>((qrns) =>
    Promise.all(
      qrns.map((qrn) =>
        findJob(credentials, store.lastToSee(credentials, qrn), (credential) =>
          loadersFor(credential).jobs.load(qrn),
        ).catch((error: Error) => error),
      ),
    ),
  );
  return {
    job: (qrn) => views.load(qrn),
    pages: (credential, filter) => (page, since) =>
      loadersFor(credential).pages.load({ filter, page, since }),
  };
}

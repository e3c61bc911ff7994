import DataLoader from 'dataloader';
import type { Credential } from '../auth/credential.ts';
import { findJob } from '../jobs/find-job.ts';
import type { JobStore } from '../jobs/job-store.ts';
import type { JobView } from '../jobs/job-view.ts';
import type { ListPage, ReadJob, ReadPage } from '../jobs/list-page.ts';
import type { ListFilter, PageNumber } from '../upstream/job-list.ts';

/** What the fields of one operation read through, so that none of them asks twice. New for each request. */
export interface Loaders {
  /**
   * The job with this name, under whichever of the request's keys may see it.
   *
   * @throws {AllKeysFailedError} where none may.
   */
  readonly job: (qrn: string) => Promise<JobView>;

  /** What reads the pages of one key's filtered list. */
  readonly pages: (credential: Credential, filter: ListFilter) => ReadPage;
}

interface PageRequest {
  readonly credential: Credential;
  readonly filter: ListFilter;
  readonly page: PageNumber;
}

/** Makes the loaders of a request with these keys. */
export function createLoaders(store: JobStore, credentials: readonly Credential[]): Loaders {
  const jobsOf = new Map(
    credentials.map(({ label, key }) => [
      label,
      new DataLoader<string, ReadJob>((qrns) => store.getJobs(key, qrns)),
    ]),
  );
  const readJob = (qrn: string) => async (credential: Credential) => {
    const loader = jobsOf.get(credential.label);
    if (loader === undefined) throw new RangeError('The key is not one of the request.');
    return loader.load(qrn);
  };

  const views = new DataLoader<string, JobView>((qrns) =>
    settle(qrns, (qrn) => findJob(credentials, store.lastToSee(credentials, qrn), readJob(qrn))),
  );
  const pages = new DataLoader<PageRequest, ListPage, string>(
    (requests) =>
      settle(requests, ({ credential, filter, page }) => store.listJobs(credential.key, filter, page)),
    { cacheKeyFn: ({ credential, filter, page }) => JSON.stringify([credential.label, filter, page]) },
  );
  return {
    job: (qrn) => views.load(qrn),
    pages: (credential, filter) => (page) => pages.load({ credential, filter, page }),
  };
}

/** Reads all of a batch at once; what fails does so by itself, as DataLoader wants it: with an error in its place. */
function settle<T, R>(batch: readonly T[], read: (each: T) => Promise<R>): Promise<(R | Error)[]> {
  return Promise.all(batch.map((each) => read(each).catch((error: unknown) => toError(error))));
}

function toError(cause: unknown): Error {
  return cause instanceof Error ? cause : new Error('A batch failed with what is no error.', { cause });
}

import type { Credential } from '../auth/api-key.ts';
import type { JobConnectionView } from '../paging/job-connection.ts';
import type { PageArguments } from '../paging/page-window.ts';
import { parsePage } from '../paging/parse-page.ts';
import { type ConnectionWants, readConnection } from '../paging/read-connection.ts';
import type { Loaders } from './loaders.ts';
import { pickCredentials } from './pick-credentials.ts';
import type { JobFilter } from './schema.generated.ts';
import { toListFilter } from './to-list-filter.ts';

/** The filtered list of the jobs of some keys. */
export interface JobList {
  /** The keys whose jobs are merged in the list. */
  readonly credentials: readonly Credential[];

  /**
   * Refuses invalid paging arguments. Reads nothing.
   *
   * @throws {GatewayError} `invalid-input` for a size out of bounds, and for a cursor that is not of this list.
   */
  assertPage(page: PageArguments): void;

  /** Names a page of the list. Another page, and a page of a list with another filter, has another name. */
  nameOf(page: PageArguments): string;

  /**
   * Reads a page of the list.
   *
   * @throws {GatewayError} `invalid-input` for invalid paging arguments.
   * @throws {KeysFailedError} if all keys failed.
   */
  read(loaders: Loaders, page: PageArguments, wants: ConnectionWants): Promise<JobConnectionView>;
}

/**
 * Opens the list of the jobs that match a filter.
 *
 * @throws {GatewayError} `invalid-input` for an invalid part of the filter.
 */
export function openJobList(all: readonly Credential[], filter: JobFilter | null | undefined): JobList {
  const credentials = pickCredentials(all, filter?.keys, 'filter.keys');
  const jobs = { credentials, filter: toListFilter(filter) };
  return {
    credentials,
    assertPage: (page) => void parsePage(page, jobs),
    nameOf: ({ first, after, last, before }) => JSON.stringify([jobs.filter, { first, after, last, before }]),
    read(loaders, page, wants) {
      const { lastSeen } = loaders;
      const readPageOf = (credential: Credential) => loaders.pages(credential, jobs.filter);
      return readConnection({ readPageOf, lastSeen }, { page, jobs, wants });
    },
  };
}

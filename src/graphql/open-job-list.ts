import type { Credential } from '../auth/api-key.ts';
import { invalidInput } from '../lib/gateway-error.ts';
import type { JobConnectionView } from '../paging/job-connection.ts';
import type { PageArguments } from '../paging/page-window.ts';
import { parsePage } from '../paging/parse-page.ts';
import { type ConnectionWants, readConnection } from '../paging/read-connection.ts';
import type { Loaders } from './loaders.ts';
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
  const credentials = narrow(all, filter?.keys);
  const jobs = { credentials, filter: toListFilter(filter) };
  return {
    credentials,
    assertPage: (page) => void parsePage(page, jobs),
    nameOf: ({ first, after, last, before }) => JSON.stringify([jobs.filter, { first, after, last, before }]),
    read: (loaders, page, wants) =>
      readConnection((credential) => loaders.pages(credential, jobs.filter), { ...page, ...jobs, wants }),
  };
}

/** Picks the keys with these labels, or all keys if no label is given. */
function narrow(
  credentials: readonly Credential[],
  labels: readonly string[] | null | undefined,
): readonly Credential[] {
  if (labels == null) return credentials;
  const known = credentials.map(({ label }) => label);
  const unknown = labels.findIndex((label) => !known.includes(label));
  if (labels.length === 0 || unknown !== -1) {
    // The text stays out: somebody may have written a key in the place of its label.
    const got = labels.length === 0 ? 'none' : `another text as item ${unknown + 1}`;
    throw invalidInput(
      `\`filter.keys\` must hold labels of the request's keys (${known.join(', ')}), got ${got}: leave it out for all keys.`,
    );
  }
  return credentials.filter(({ label }) => labels.includes(label));
}

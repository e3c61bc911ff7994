import type { Credential } from '../auth/credential.ts';
import { invalidInput } from '../lib/gateway-error.ts';
import type { JobConnectionView } from '../paging/job-connection.ts';
import type { PageArguments } from '../paging/page-window.ts';
import { type ConnectionWants, readConnection } from '../paging/read-connection.ts';
import type { Loaders } from './loaders.ts';
import type { JobFilter } from './schema.generated.ts';
import { toListFilter } from './to-list-filter.ts';

/** The filtered list of the jobs of some keys. */
export interface JobList {
  /** The keys that are merged in it. */
  readonly credentials: readonly Credential[];

  /**
   * Reads a page of it.
   *
   * @throws {GatewayError} `invalid-input` for paging arguments that cannot be.
   * @throws {KeysFailedError} where no key gave anything.
   */
  read(loaders: Loaders, page: PageArguments, wants: ConnectionWants): Promise<JobConnectionView>;
}

/**
 * The list that a filter stands for.
 *
 * @throws {GatewayError} `invalid-input` for a part of the filter that cannot be.
 */
export function openJobList(all: readonly Credential[], filter: JobFilter | null | undefined): JobList {
  const credentials = narrow(all, filter?.keys);
  const listFilter = toListFilter(filter);
  return {
    credentials,
    read: (loaders, page, wants) =>
      readConnection((credential) => loaders.pages(credential, listFilter), {
        ...page,
        wants,
        credentials,
        filter: listFilter,
      }),
  };
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
    throw invalidInput(
      `\`filter.keys\` must hold labels of the request's keys (${known.join(', ')}), got ` +
        `${unknown === undefined ? 'none' : JSON.stringify(unknown.slice(0, 50))}: leave it out for all keys.`,
    );
  }
  return credentials.filter(({ label }) => labels.includes(label));
}

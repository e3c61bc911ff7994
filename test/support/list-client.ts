import { ApiKey } from '../../src/auth/api-key.ts';
import { NEVER } from '../../src/jobs/seq.ts';
import type { JobConnectionView } from '../../src/paging/job-connection.ts';
import type { PageArguments } from '../../src/paging/page-window.ts';
import { type ConnectionWants, readConnection } from '../../src/paging/read-connection.ts';
import { UpstreamError } from '../../src/upstream/upstream-error.ts';
import type { ChangingList } from './changing-list.ts';

/** One key's list, and what happens to it right before each of its pages is given. */
export interface ListedKey {
  readonly label: string;
  readonly list: ChangingList;
  readonly beforePage?: () => void;
}

/** A client that pages through the lists of one or several keys, without HTTP. */
export interface ListClient {
  read(page: PageArguments, wants?: ConnectionWants): Promise<JobConnectionView>;
  /** How many pages were read in all. */
  readonly requests: number;
}

/** Makes a client of these keys' lists. */
export function createListClient(keys: readonly ListedKey[]): ListClient {
  const credentials = keys.map(({ label }) => ({ label, key: new ApiKey(label) }));
  let requests = 0;
  return {
    read: (page, wants = { jobs: true, neighbours: true }) =>
      readConnection(
        ({ label }) =>
          async (number) => {
            requests += 1;
            // One turn later, so that the pages of one burst are given one by one.
            await Promise.resolve();
            const key = keys.find((each) => each.label === label);
            key?.beforePage?.();
            return key?.list.page(number) ?? { items: [], total: 0, askedSeq: NEVER, readSeq: NEVER };
          },
        { ...page, wants, credentials, filter: {} },
      ),
    get requests() {
      return requests;
    },
  };
}

/** The names of the jobs of a page, in order. */
export function namesOf({ edges }: JobConnectionView): readonly string[] {
  return edges.map(({ node }) => (node instanceof UpstreamError ? node.message : node.job.qrn));
}

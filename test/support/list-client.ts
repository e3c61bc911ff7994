import { ApiKey } from '../../src/auth/api-key.ts';
import type { ListPage } from '../../src/jobs/list-page.ts';
import { latest, NEVER, type Seq, toNumber, toSeq } from '../../src/jobs/seq.ts';
import type { JobConnectionView } from '../../src/paging/job-connection.ts';
import type { ListReader } from '../../src/paging/list-reader.ts';
import type { PageArguments } from '../../src/paging/page-window.ts';
import { type ConnectionWants, readConnection } from '../../src/paging/read-connection.ts';
import type { PageRequest } from '../../src/upstream/job-list.ts';
import { UpstreamError } from '../../src/upstream/upstream-error.ts';
import type { ChangingList } from './changing-list.ts';

/** One key's list, and what happens to it right before each of its pages is given. */
export interface ListedKey {
  readonly label: string;
  readonly list: Pick<ChangingList, 'page' | 'tick'>;
  /** May take its time, and may throw what the qBraid API would. */
  readonly beforePage?: () => void | Promise<void>;
}

/** A client that pages through the lists of one or several keys, without HTTP. */
export interface ListClient {
  read(page: PageArguments, wants?: ConnectionWants): Promise<JobConnectionView>;
  /** How many pages were read in all. */
  readonly requests: number;
  /** The tick of the newest page that the last answer was made of. */
  readonly readTick: number;
}

export interface ListClientOptions {
  /** Whether pages are cached, for as long as they may be. @default false */
  readonly caches?: boolean;
}

/** Makes a client of these keys' lists. */
export function createListClient(
  keys: readonly ListedKey[],
  { caches = false }: ListClientOptions = {},
): ListClient {
  const credentials = keys.map(({ label }) => ({ label, key: new ApiKey(label) }));
  const cache = new Map<string, ListPage>();
  let requests = 0;
  let readSeq = NEVER;

  async function ask({ list, beforePage }: ListedKey, number: PageRequest): Promise<ListPage> {
    requests += 1;
    const askedSeq = toSeq(list.tick);
    // One turn later, so that the pages of one burst are given one by one.
    await Promise.resolve();
    await beforePage?.();
    return { ...list.page(number), askedSeq };
  }

  async function readPage(key: ListedKey, number: PageRequest, since: Seq): Promise<ListPage> {
    const name = `${key.label} ${number.page} ${number.limit}`;
    const known = caches ? cache.get(name) : undefined;
    const page = known !== undefined && known.askedSeq >= since ? known : await ask(key, number);
    cache.set(name, page);
    readSeq = latest(readSeq, page.readSeq);
    return page;
  }

  return {
    read(page, wants = { jobs: true, neighbours: true }) {
      readSeq = NEVER;
      const reader: ListReader = {
        readPageOf(credential) {
          const key = keys[credentials.indexOf(credential)];
          if (key === undefined) throw new RangeError('The key must be one of the client, got another.');
          return (number, since) => readPage(key, number, since);
        },
        lastSeen: () => null,
      };
      return readConnection(reader, { page, jobs: { credentials, filter: {} }, wants });
    },
    get requests() {
      return requests;
    },
    get readTick() {
      return toNumber(readSeq);
    },
  };
}

/** The names of the jobs of a page, in order. */
export function namesOf({ edges }: JobConnectionView): readonly string[] {
  return edges.map(({ node }) => (node instanceof UpstreamError ? node.message : node.job.qrn));
}

/** Reads a whole list one way, with these page sizes in turn: the names on each page, in the order of reading. */
export async function walkList(
  client: ListClient,
  isForward: boolean,
  sizes: readonly number[],
): Promise<readonly (readonly string[])[]> {
  const pages: (readonly string[])[] = [];
  for (let cursor: string | null = null; ; ) {
    const size = sizes[pages.length % sizes.length] ?? 50;
    const page = await client.read(
      isForward ? { first: size, after: cursor } : { last: size, before: cursor },
    );
    pages.push(namesOf(page));
    const edge = page.edges.at(isForward ? -1 : 0);
    const hasMore = isForward ? page.hasNextPage : page.hasPreviousPage;
    if (!hasMore || edge === undefined) return pages;
    cursor = edge.cursor();
  }
}

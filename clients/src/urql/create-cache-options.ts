import { stringifyVariables } from '@urql/core';
import type { Cache, CacheExchangeOpts, DataFields, Variables } from '@urql/exchange-graphcache';
import { isBackward } from '../list/is-backward.ts';
import { emptyList, type ListPage, type LiveList } from '../list/live-list.ts';
import { mergePage } from '../list/merge-page.ts';
import { pageInfoOf } from '../list/page-info-of.ts';

/** A row of a list: the place, and the key of the job in the cache. */
interface CachedRow {
  readonly cursor?: string | undefined;
  readonly job: string | null;
  readonly weight?: number | undefined;
}

/** A connection as the gateway gives it. Each part is there only if the operation selects it. */
interface Page {
  readonly edges?: readonly { readonly cursor?: string; readonly node?: DataFields | null }[];
  readonly nodes?: readonly (DataFields | null)[];
  readonly pageInfo?: { readonly hasNextPage?: boolean; readonly endCursor?: string | null } | undefined;
  readonly sources?: readonly { readonly key?: string; readonly error?: unknown }[];
  readonly fetchedAt?: string;
  readonly totalCount?: number;
}

/** The list of one filter: the facts of its newest page, and the list itself. */
interface CachedList {
  readonly facts: Pick<Page, 'pageInfo'>;
  readonly list: LiveList<CachedRow>;
}

/** The field of `Query` that holds a list's jobs, so that the cache keeps them, and tells who shows the list. */
const ROWS = 'jobRows';

/**
 * How urql's normalized cache keeps what the gateway gives: `cacheExchange(createCacheOptions())`, once for each client.
 *
 * - `Query.jobs` is one list for each filter, however it was read: the first page, which each `jobsChanged` event renews, and
 *   the pages behind `pageInfo.endCursor` are put together so that no job is lost or repeated. `pageInfo.endCursor` is
 *   where to read on: in a gap, if there is one (`hasGap`), else at the end. Select `edges { cursor node { id keys } }`, or
 *   `nodes { id keys }`, and `pageInfo { hasNextPage endCursor }`. `totalCount` tells whether jobs came or went behind the
 *   first page, so that the rest is read again, as if it were a gap. `fetchedAt` and `sources { key error { code } }` make
 *   it right also where answers overtake each other and keys fail. Lists that are read backward (`last`, `before`) stay
 *   pages of their own.
 * - A job is stored under its `id`, a device under its `qrn` where that is selected, and all else in its parent.
 */
export function createCacheOptions(): Pick<CacheExchangeOpts, 'keys' | 'resolvers' | 'updates'> {
  const lists = new Map<string, CachedList>();

  function put(page: Page | null | undefined, args: Variables, cache: Cache) {
    const rowPage = page == null || isBackward(args) ? null : toListPage(page, cache);
    if (rowPage === null) return;
    const { list = emptyList, facts = {} } = lists.get(nameOf(args)) ?? {};
    const after = (args['after'] as string | null | undefined) ?? null;
    const merged = mergePage<CachedRow>(list, rowPage, after, keyOf);
    if (merged === list && rowPage.rows.length > 0) return;
    const { edges, nodes, pageInfo, ...rest } = page as Page;
    // Only a first page says what comes before the list.
    const before = after === null ? { pageInfo } : {};
    lists.set(nameOf(args), { list: merged, facts: { pageInfo, ...facts, ...rest, ...before } });
    cache.link('Query', ROWS, filterOf(args), merged.rows.map(({ job }) => job) as string[]);
  }

  return {
    keys: {
      ...Object.fromEntries(EMBEDDED.map((name) => [name, () => null])),
      Device: ({ qrn }) => (typeof qrn === 'string' ? qrn : null),
    },
    updates: {
      Query: { jobs: ({ jobs }, args, cache) => put(jobs as Page | null, args, cache) },
      Subscription: {
        jobsChanged: ({ jobsChanged }, args, cache) => put(jobsChanged as Page | null, args, cache),
      },
    },
    resolvers: {
      Query: {
        jobs(_, args, cache) {
          const page = cache.resolve('Query', 'jobs', args);
          // This also has the query read again whenever the list changes.
          const rows = cache.resolve('Query', ROWS, filterOf(args));
          const cached = lists.get(nameOf(args));
          if (page == null || rows == null || isBackward(args) || cached === undefined) return page;
          return toConnection(cached) as DataFields;
        },
      },
    },
  };
}

/** What has no key of its own. */
const EMBEDDED = [
  'JobConnection',
  'JobEdge',
  'PageInfo',
  'JobSource',
  'JobSourceError',
  'JobTimeStamps',
  'JobCounts',
  'JobStatusCount',
  'JobResult',
  'MeasurementCount',
  'DevicePricing',
  'RateLimit',
];

function filterOf(args: Variables): Variables {
  return { filter: args['filter'] ?? null };
}

function nameOf(args: Variables): string {
  return stringifyVariables(filterOf(args));
}

/** Null if the operation selects no rows, or not whether there are more. */
function toListPage(page: Page, cache: Cache): ListPage<CachedRow> | null {
  const { edges, nodes, pageInfo, sources = [], fetchedAt, totalCount } = page;
  const items = edges ?? nodes?.map((node) => ({ node, cursor: undefined }));
  if (items === undefined || pageInfo?.hasNextPage === undefined) return null;
  const labels = (some: typeof sources) => some.map(({ key = '' }) => key);
  return {
    rows: items.map(({ node, cursor }, index) => ({
      job: node == null ? null : cache.keyOfEntity(node as Parameters<Cache['keyOfEntity']>[0]),
      cursor: cursor ?? (index === items.length - 1 ? (pageInfo.endCursor ?? undefined) : undefined),
      weight: (node?.['keys'] as readonly string[] | undefined)?.length,
    })),
    hasNextPage: pageInfo.hasNextPage,
    fetchedAt,
    totalCount,
    answered: labels(sources.filter(({ error }) => error == null)),
    failed: labels(sources.filter(({ error }) => error != null)),
  };
}

function toConnection({ facts, list }: CachedList): object {
  const { pageInfo } = facts;
  return {
    ...facts,
    __typename: 'JobConnection',
    edges: list.rows.map(({ job, cursor }) => ({ __typename: 'JobEdge', cursor, node: job })),
    nodes: list.rows.map(({ job }) => job),
    pageInfo: {
      ...pageInfo,
      __typename: 'PageInfo',
      ...pageInfoOf(list, keyOf),
    },
  };
}

/** A job that cannot be read has no key: the cursor tells it from others. */
function keyOf({ job, cursor = '' }: CachedRow): string {
  return job ?? cursor;
}

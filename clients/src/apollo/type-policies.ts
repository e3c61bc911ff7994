import type { FieldFunctionOptions, FieldPolicy, Reference, StoreObject, TypePolicies } from '@apollo/client';
import { isBackward } from '../list/is-backward.ts';
import { emptyList, type ListPage, type LiveList } from '../list/live-list.ts';
import { mergePage } from '../list/merge-page.ts';
import { pageInfoOf } from '../list/page-info-of.ts';

/** An edge in the cache: its job is a reference to the job's own entry. */
interface CachedEdge {
  readonly __typename?: string;
  readonly cursor?: string | undefined;
  readonly node?: Reference | null;
  readonly weight?: number | undefined;
}

/** A connection as the gateway gives it, normalised. Each part is there only if the operation selects it. */
interface CachedPage {
  readonly edges?: readonly CachedEdge[];
  readonly nodes?: readonly (Reference | null)[];
  readonly pageInfo?: Readonly<Record<string, unknown>>;
  readonly sources?: readonly { readonly key?: string; readonly error?: unknown }[];
  readonly fetchedAt?: string;
  readonly totalCount?: number;
}

/** What the cache keeps for one filter: the facts of the newest page, and the list, once a page of it was read. */
interface CachedList extends Omit<CachedPage, 'edges' | 'nodes'> {
  readonly list?: LiveList<CachedEdge>;
}

/**
 * How Apollo Client's `InMemoryCache` keeps what the gateway gives.
 *
 * - `Query.jobs` is one list for each filter (and `@connection(key:)`), however it was read: a first page, as a query or a
 *   live update gives it, and pages behind `pageInfo.endCursor` (`fetchMore`) are put together so that no job is lost or
 *   repeated. `pageInfo.endCursor` is where to read on: in a gap, if there is one (`hasGap`), else at the end. Select
 *   `edges { cursor node { id keys } }`, or `nodes { id keys }`, and `pageInfo { hasNextPage endCursor }`. `totalCount` tells
 *   whether jobs came or went behind the first page, so that the rest is read again, as if it were a gap. `fetchedAt` and
 *   `sources { key error { code } }` make it right also where answers overtake each other and keys fail. Lists that are
 *   read backward (`last`, `before`) stay pages of their own.
 * - A job is stored under its `id`, a device under its `qrn` where that is selected, and all else in its parent.
 */
export const typePolicies: TypePolicies = {
  Query: { fields: { jobs: jobsPolicy(), jobCounts: { merge: true } } },
  Job: {
    fields: { device: { merge: true }, timeStamps: { merge: true }, result: { merge: true } },
  },
  Device: {
    keyFields: ({ qrn }) => (typeof qrn === 'string' ? `Device:${qrn}` : undefined),
  },
  JobConnection: { keyFields: false },
  JobCounts: { keyFields: false },
};

function jobsPolicy(): FieldPolicy<CachedList, CachedPage, CachedPage> {
  return {
    keyArgs: (args) =>
      isBackward(args) ? ['filter', 'first', 'after', 'last', 'before'] : ['filter', '@connection', ['key']],

    merge(existing, incoming, { args, readField }) {
      const after = (args?.['after'] as string | null | undefined) ?? null;
      const { edges, nodes, ...facts } = incoming;
      const page = toListPage(incoming, readField);
      if (page === null) return { ...existing, ...facts };
      if (isBackward(args)) return { ...facts, list: mergePage(emptyList, page, null, keyOf) };
      const former = existing?.list ?? emptyList;
      const list = mergePage<CachedEdge>(former, page, after, keyOf);
      if (existing !== undefined && list === former && page.rows.length > 0) return existing;
      // Only a first page says what comes before the list.
      const pageInfo = after === null ? facts.pageInfo : (existing?.pageInfo ?? facts.pageInfo);
      return { ...existing, ...facts, ...(pageInfo && { pageInfo }), list };
    },

    read(existing, { canRead }) {
      if (existing === undefined) return undefined;
      const { list, ...facts } = existing;
      if (list === undefined) return facts;
      const edges = list.rows.filter(({ node }) => node == null || canRead(node));
      return {
        ...facts,
        edges,
        nodes: edges.map(({ node = null }) => node),
        pageInfo: { ...facts.pageInfo, ...pageInfoOf(list, keyOf) },
      };
    },
  };
}

/** Null if the operation selects no rows, or not whether there are more. */
function toListPage(
  { edges, nodes, pageInfo, sources = [], fetchedAt, totalCount }: CachedPage,
  readField: FieldFunctionOptions['readField'],
): ListPage<CachedEdge> | null {
  const rows = edges ?? nodes?.map((node): CachedEdge => ({ __typename: 'JobEdge', node }));
  const hasNextPage = pageInfo?.['hasNextPage'];
  if (rows === undefined || typeof hasNextPage !== 'boolean') return null;
  const endCursor = pageInfo?.['endCursor'] as string | undefined;
  const isFailed = (source: (typeof sources)[number]) => readField('error', source as StoreObject) != null;
  const labels = (some: typeof sources) => some.map(({ key = '' }) => key);
  return {
    rows: rows.map((row, index) => ({
      ...row,
      cursor: row.cursor ?? (index === rows.length - 1 ? endCursor : undefined),
      weight: readField<readonly string[]>('keys', row.node ?? undefined)?.length,
    })),
    hasNextPage,
    fetchedAt,
    totalCount,
    answered: labels(sources.filter((source) => !isFailed(source))),
    failed: labels(sources.filter(isFailed)),
  };
}

/** A job that cannot be read has no id: the cursor tells it from others. */
function keyOf({ node, cursor = '' }: CachedEdge): string {
  return node?.__ref ?? cursor;
}

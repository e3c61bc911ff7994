import {
  ConnectionHandler,
  generateClientID,
  type HandleFieldPayload,
  type RecordProxy,
  type RecordSourceProxy,
} from 'relay-runtime';
import { isBackward } from '../list/is-backward.ts';
import { emptyList, type ListPage, type LiveList } from '../list/live-list.ts';
import { mergePage } from '../list/merge-page.ts';
import { pageInfoOf } from '../list/page-info-of.ts';

/** A row of a list: the place, and the id of the job's record. */
interface StoredRow {
  readonly cursor?: string | undefined;
  readonly job: string | null;
  readonly weight?: number | undefined;
}

/** The field of a connection's record that has all of the list but its rows, as JSON. */
const LIST = '__list';

/** The field of an edge that says how many keys saw its job when its page was read: the job itself may say otherwise since. */
const WEIGHT = '__weight';

/**
 * Keeps the connections of `Query.jobs`. All pages of a `@connection(key:)` and filter are one list: the first page, as a
 * query or `jobs: jobsChanged(…) @connection(key:)` gives it, and the pages behind `pageInfo.endCursor`, are put
 * together so that no job is lost or repeated. `pageInfo.endCursor` is where to read on: in a gap, if there is one (`hasGap`),
 * else at the end. `totalCount`, with `keys` of each job, tells whether jobs came or went behind the first page, so that the rest
 * is read again, as if it were a gap. `fetchedAt` and `sources { key error { code } }` make it right also where answers
 * overtake each other and keys fail. Lists that are read backward, and other connections, are kept by Relay's own handler.
 */
export const jobsHandler = {
  update(store: RecordSourceProxy, payload: HandleFieldPayload): void {
    const { args, dataID, fieldKey, handleKey } = payload;
    const [field] = fieldKey.split('(');
    const isLive = field === 'jobsChanged';
    const parent = store.get(dataID);
    const page = parent?.getLinkedRecord(fieldKey);
    if (!parent || !page || isBackward(args) || !(isLive || field === 'jobs')) {
      ConnectionHandler.update(store, payload);
      return;
    }
    const owner = isLive ? store.getRoot() : parent;
    const id = generateClientID(owner.getDataID(), handleKey);
    const connection = store.get(id) ?? store.create(id, page.getType());
    for (const record of new Set([owner, parent])) record.setLinkedRecord(connection, handleKey);
    putPage(store, connection, page, args);
  },
};

/** Puts a page into the list of a connection. */
function putPage(
  store: RecordSourceProxy,
  connection: RecordProxy,
  page: RecordProxy,
  args: HandleFieldPayload['args'],
) {
  const after = (args['after'] as string | null | undefined) ?? null;
  const incoming = toListPage(page);
  const former = readList(connection);
  const list = mergePage(former, incoming, after, keyOf);
  if (list === former && incoming.rows.length > 0) return;
  const info = connection.getLinkedRecord('pageInfo');
  connection.copyFieldsFrom(page);
  writeList(store, connection, list);
  writePageInfo(store, connection, list, after === null ? page.getLinkedRecord('pageInfo') : info);
}

function toListPage(page: RecordProxy): ListPage<StoredRow> {
  const sources = page.getLinkedRecords('sources') ?? [];
  const labelsOf = (isFailed: boolean) =>
    sources
      .filter((source) => (source.getLinkedRecord('error') != null) === isFailed)
      .map((source) => String(source.getValue('key')));
  return {
    rows: toRows(page, (_, job) => (job?.getValue('keys') as readonly string[] | null | undefined)?.length),
    hasNextPage: page.getLinkedRecord('pageInfo')?.getValue('hasNextPage') === true,
    fetchedAt: (page.getValue('fetchedAt') as string | null | undefined) ?? undefined,
    totalCount: (page.getValue('totalCount') as number | null | undefined) ?? undefined,
    answered: labelsOf(false),
    failed: labelsOf(true),
  };
}

function readList(connection: RecordProxy): LiveList<StoredRow> {
  const text = connection.getValue(LIST);
  return typeof text === 'string'
    ? { ...JSON.parse(text), rows: toRows(connection, (edge) => edge.getValue(WEIGHT) as number | undefined) }
    : emptyList;
}

function toRows(
  connection: RecordProxy,
  weightOf: (edge: RecordProxy, job: RecordProxy | null | undefined) => number | undefined,
): StoredRow[] {
  return (connection.getLinkedRecords('edges') ?? []).map((edge) => {
    const job = edge.getLinkedRecord('node');
    return {
      cursor: edge.getValue('cursor') as string,
      job: job?.getDataID() ?? null,
      weight: weightOf(edge, job),
    };
  });
}

/** Each job has one edge in its list, so that events leave no edges behind. */
function writeList(
  store: RecordSourceProxy,
  connection: RecordProxy,
  { rows, ...rest }: LiveList<StoredRow>,
) {
  const edges = rows.map((row) => {
    const id = generateClientID(connection.getDataID(), keyOf(row));
    const edge = store.get(id) ?? store.create(id, 'JobEdge');
    edge.setValue(row.cursor, 'cursor');
    edge.setValue(row.weight, WEIGHT);
    const job = row.job === null ? null : store.get(row.job);
    if (job) edge.setLinkedRecord(job, 'node');
    else edge.setValue(null, 'node');
    return edge;
  });
  connection.setLinkedRecords(edges, 'edges');
  connection.setValue(JSON.stringify(rest), LIST);
}

/** Only a first page says what comes before the list. */
function writePageInfo(
  store: RecordSourceProxy,
  connection: RecordProxy,
  list: LiveList<StoredRow>,
  source: RecordProxy | null | undefined,
) {
  const id = generateClientID(connection.getDataID(), 'pageInfo');
  const info = store.get(id) ?? store.create(id, 'PageInfo');
  if (source && source !== info) info.copyFieldsFrom(source);
  const { hasNextPage, endCursor } = pageInfoOf(list, keyOf);
  info.setValue(hasNextPage, 'hasNextPage');
  info.setValue(endCursor, 'endCursor');
  connection.setLinkedRecord(info, 'pageInfo');
}

/** A job that cannot be read has no id: the cursor tells it from others. */
function keyOf({ job, cursor = '' }: StoredRow): string {
  return job ?? cursor;
}

import type { Credential } from '../auth/credential.ts';
import type { ListFilter } from '../upstream/job-list.ts';
import { toSearchParams } from '../upstream/to-search-params.ts';
import { UpstreamError } from '../upstream/upstream-error.ts';
import { AllKeysFailedError } from './all-keys-failed-error.ts';
import { type Cursor, type CursorScope, decodeCursor, encodeCursor, positionAt } from './cursor.ts';
import type { JobConnectionView, JobEdgeView, JobSourceView } from './job-connection.ts';
import type { JobView } from './job-view.ts';
import type { ReadJob, ReadPage } from './list-page.ts';
import { type MergedEdge, mergeStretches } from './merge-stretches.ts';
import { type PageArguments, type PageWindow, toPageWindow } from './page-window.ts';
import { type Cursors, readSources, type Source } from './read-sources.ts';

/** Which page of whose jobs to read. */
export interface ConnectionRequest extends PageArguments {
  /** The keys whose lists are merged, in the order of the request: one at least. */
  readonly credentials: readonly Credential[];
  readonly filter: ListFilter;
  readonly wants: ConnectionWants;
}

/** What of a connection the client asks for: what it does not ask for costs nothing. */
export interface ConnectionWants {
  readonly jobs: boolean;
  /** Whether the page has neighbours: `hasNextPage`, `hasPreviousPage`. */
  readonly neighbours: boolean;
}

interface Neighbours {
  readonly hasLeading: boolean;
  readonly hasTrailing: boolean;
}

/**
 * Reads one page of the jobs of one or several keys, merged into one list. A key that fails leaves the jobs of the
 * others in place, and the cursors keep its place.
 *
 * @throws {InvalidInputError} for paging arguments that cannot be, before anything is read.
 * @throws {AllKeysFailedError} where no key gave anything.
 */
export async function readConnection(
  readPageOf: (credential: Credential) => ReadPage,
  request: ConnectionRequest,
): Promise<JobConnectionView> {
  const { credentials, wants } = request;
  const window = toPageWindow(request);
  const scope = toScope(request);
  const cursors = toCursors(request, scope);
  // In an order of the keys' own: jobs of the same time do not change places with the keys in the header.
  const inOrder = credentials.toSorted((a, b) => (a.key.fingerprint < b.key.fingerprint ? -1 : 1));
  const read = async (count: number, between: Cursors) =>
    assertAnyAnswered(await readSources(inOrder, readPageOf, { ...window, count }, between), credentials);

  if (!wants.jobs) {
    const sources = await read(0, wants.neighbours ? cursors : { after: null, before: null });
    const neighbours = wants.neighbours ? countNeighbours(sources, window, cursors) : NO_NEIGHBOURS;
    if (neighbours !== null) return toConnection(credentials, sources, [], neighbours);
  }
  const sources = await read(window.count, cursors);
  const stretches = sources.map(({ stretch }) => stretch);
  const { edges, ...neighbours } = mergeStretches(stretches, window.direction, window.count);
  const views = edges.map((edge) => toEdge(edge, sources, credentials, scope));
  return toConnection(credentials, sources, views, neighbours);
}

const NO_NEIGHBOURS: Neighbours = { hasLeading: false, hasTrailing: false };

function toScope({ filter, credentials }: ConnectionRequest): CursorScope {
  return { filter: toSearchParams(filter), fingerprints: credentials.map(({ key }) => key.fingerprint) };
}

function toCursors({ after, before }: ConnectionRequest, scope: CursorScope): Cursors {
  return {
    after: after == null ? null : decodeCursor('after', after, scope),
    before: before == null ? null : decodeCursor('before', before, scope),
  };
}

function assertAnyAnswered(
  sources: readonly Source[],
  credentials: readonly Credential[],
): readonly Source[] {
  if (sources.some(({ error }) => error === null)) return sources;
  throw new AllKeysFailedError(
    credentials.flatMap((credential) =>
      sources.flatMap((source) =>
        source.credential === credential && source.error !== null
          ? [{ label: credential.label, error: source.error }]
          : [],
      ),
    ),
  );
}

/** The neighbours of a page, by counting alone. Null where that does not tell: jobs that two keys see count twice. */
function countNeighbours(
  sources: readonly Source[],
  { direction, count }: PageWindow,
  { after, before }: Cursors,
): Neighbours | null {
  if (after !== null && before !== null) return null;
  const isForward = direction === 'forward';
  const leading = sources.map(({ stretch }) => stretch.leading);
  const trailing = sources.map(({ stretch }) => stretch.trailing);
  const beyond = isForward ? trailing : leading;
  const isFull = Math.max(...beyond) > count;
  if (!isFull && sum(beyond) > count) return null;
  return {
    hasLeading: isForward ? sum(leading) > 0 : isFull,
    hasTrailing: isForward ? isFull : sum(trailing) > 0,
  };
}

function toConnection(
  credentials: readonly Credential[],
  sources: readonly Source[],
  edges: readonly JobEdgeView[],
  { hasLeading, hasTrailing }: Neighbours,
): JobConnectionView {
  const results = new Map(
    sources.map(({ credential, stretch, error }) => [credential.label, error ?? stretch.total] as const),
  );
  return {
    edges,
    hasPreviousPage: hasLeading,
    hasNextPage: hasTrailing,
    totalCount: sum(sources.map(({ stretch }) => stretch.total)),
    sources: credentials.map(({ label }): JobSourceView => ({ key: label, result: results.get(label) ?? 0 })),
  };
}

function toEdge(
  edge: MergedEdge,
  sources: readonly Source[],
  credentials: readonly Credential[],
  scope: CursorScope,
): JobEdgeView {
  return {
    node: toNode(edge, sources, credentials),
    cursor: () => encodeCursor(toCursor(edge, sources), scope),
  };
}

/** The job of an edge as the keys see it; unreadable only where it is for all of them. */
function toNode(
  { owners }: MergedEdge,
  sources: readonly Source[],
  credentials: readonly Credential[],
): JobView | UpstreamError {
  const holders = new Set(
    sources.filter((_, index) => owners[index] !== null).map(({ credential }) => credential),
  );
  const keys = credentials.filter((credential) => holders.has(credential)).map(({ label }) => label);
  const jobs = owners.flatMap((entry) => (entry === null ? [] : [entry.item.job]));
  const [best, ...rest] = jobs;
  if (best === undefined) throw new RangeError('An edge has one owner at least, got none.');
  const job = rest.reduce((leader, other) => (isBetter(other, leader) ? other : leader), best);
  return job instanceof UpstreamError ? job : { ...job, keys };
}

function isBetter(job: ReadJob | UpstreamError, than: ReadJob | UpstreamError): boolean {
  if (job instanceof UpstreamError) return false;
  return than instanceof UpstreamError || job.fetchedAtMs > than.fetchedAtMs;
}

function toCursor({ owners, indexes }: MergedEdge, sources: readonly Source[]): Cursor {
  return new Map(
    sources.map(({ credential, begin, stretch }, index) => {
      const hasEntries = stretch.entries.length > 0;
      const position = hasEntries
        ? positionAt(stretch.entries, indexes[index] ?? 0, owners[index] !== null)
        : { behind: begin, isOwner: false };
      return [credential.key.fingerprint, position];
    }),
  );
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

import type { Credential } from '../auth/api-key.ts';
import { isFailure } from '../jobs/failures.ts';
import { failuresOf } from '../jobs/failures-of.ts';
import { KeysFailedError } from '../jobs/keys-failed-error.ts';
import type { ReadPage } from '../jobs/list-page.ts';
import type { JobConnectionView, JobEdgeView, JobSourceView } from './job-connection.ts';
import type { SliceRequest } from './list/plan-search.ts';
import { initialState } from './list/read-slice.ts';
import type { ListReader } from './list-reader.ts';
import { isAnswered, readSource, type Source } from './merge/read-source.ts';
import { PageAges } from './page-ages.ts';
import { type Cursors, toSliceRequest } from './page-bounds.ts';
import type { PageArguments, PageWindow } from './page-window.ts';
import { type PagedJobs, parsePage } from './parse-page.ts';
import { readMerged } from './read-merged.ts';
import { type Neighbours, readNeighbours } from './read-neighbours.ts';
import { toEdgeView } from './to-edge-view.ts';

/** Which page of whose jobs to read. */
export interface ConnectionRequest {
  readonly page: PageArguments;
  readonly jobs: PagedJobs;
  readonly wants: ConnectionWants;
}

/** What the client asks for. The rest is not read. */
export interface ConnectionWants {
  readonly jobs: boolean;
  /** Whether the page has neighbours: `hasNextPage`, `hasPreviousPage`. */
  readonly neighbours: boolean;
}

const NO_NEIGHBOURS: Neighbours = { hasLeading: false, hasTrailing: false };

/**
 * Reads one page of the jobs of one or several keys, merged into one list. A key that fails leaves the jobs of the
 * others in place, and goes on from where it stood on a later page.
 *
 * @throws {GatewayError} `invalid-input` for paging arguments that cannot be, before anything is read.
 * @throws {KeysFailedError} where no key gave anything.
 */
export async function readConnection(
  { readPageOf, lastSeen }: ListReader,
  { page, jobs, wants }: ConnectionRequest,
): Promise<JobConnectionView> {
  const { credentials } = jobs;
  const { window, cursors, scope } = parsePage(page, jobs);
  const ages = new PageAges();
  const read = (credential: Credential) => ages.noting(credential, readPageOf(credential));
  if (!wants.jobs && !wants.neighbours) {
    const sources = await readTotals(credentials, read, window, cursors);
    return toConnection(credentials, sources, ages, [], NO_NEIGHBOURS);
  }
  // Jobs of the same moment must not change their order with that of the keys in the header.
  const inOrder = credentials.toSorted((a, b) => (a.key.fingerprint < b.key.fingerprint ? -1 : 1));
  if (!wants.jobs) {
    const { sources, neighbours } = await readNeighbours(inOrder, read, window, cursors);
    if (neighbours !== null) return toConnection(credentials, sources, ages, [], neighbours);
  }
  const merged = await readMerged(inOrder, read, window, cursors);
  const views = merged.edges.map((edge) => toEdgeView(edge, merged.sources, credentials, scope, lastSeen));
  return toConnection(credentials, merged.sources, ages, views, merged);
}

/** Reads how many jobs each key has, and nothing else. */
function readTotals(
  credentials: readonly Credential[],
  readPageOf: (credential: Credential) => ReadPage,
  window: PageWindow,
  cursors: Cursors,
): Promise<readonly Source[]> {
  const total: SliceRequest = { begin: 'start', direction: 'forward', count: 0, stop: null };
  return Promise.all(
    credentials.map((credential) => {
      const state = initialState(toSliceRequest(credential, window, cursors));
      return readSource(credential, readPageOf(credential), total, state);
    }),
  );
}

function toConnection(
  credentials: readonly Credential[],
  sources: readonly Source[],
  ages: PageAges,
  edges: readonly JobEdgeView[],
  { hasLeading, hasTrailing }: Neighbours,
): JobConnectionView {
  const views = credentials.flatMap((credential) => {
    const source = sources.find((each) => each.credential === credential);
    return source === undefined ? [] : [toSourceView(source)];
  });
  const failures = failuresOf(views);
  if (failures.length === views.length) throw new KeysFailedError(failures);
  const answered = sources.filter(isAnswered).map(({ credential }) => credential);
  const { isStale, fetched } = ages.of(answered);
  return {
    edges,
    hasPreviousPage: hasLeading,
    hasNextPage: hasTrailing,
    totalCount: views.reduce((sum, { result }) => sum + (isFailure(result) ? 0 : result), 0),
    sources: views,
    isStale,
    fetchedAt: fetched.date,
  };
}

function toSourceView({ credential, result }: Source): JobSourceView {
  return { key: credential.label, result: isFailure(result) ? result : result.total };
}

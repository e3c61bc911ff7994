import type { Credential } from '../auth/credential.ts';
import type { JobView } from '../jobs/job-view.ts';
import type { FetchedJob } from '../jobs/list-page.ts';
import { UpstreamError } from '../upstream/upstream-error.ts';
import { type Cursor, type CursorPosition, type CursorScope, encodeCursor } from './cursor.ts';
import type { JobEdgeView } from './job-connection.ts';
import { bookmarkAt } from './list/read-slice.ts';
import type { MergedEdge } from './merge/merge-slices.ts';
import { type AnsweredSource, isAnswered, type Source } from './merge/read-source.ts';

/** An edge as clients see it. */
export function toEdgeView(
  edge: MergedEdge,
  sources: readonly Source[],
  credentials: readonly Credential[],
  scope: CursorScope,
): JobEdgeView {
  return {
    node: toNode(edge, sources.filter(isAnswered), credentials),
    cursor: () => encodeCursor(toCursor(edge, sources), scope),
  };
}

/** The job of an edge as the keys see it; unreadable only where it is for all of them. */
function toNode(
  { owners }: MergedEdge,
  answered: readonly AnsweredSource[],
  credentials: readonly Credential[],
): JobView | UpstreamError {
  const holders = new Set(
    answered.filter((_, index) => owners[index] !== null).map(({ credential }) => credential),
  );
  const keys = credentials.filter((credential) => holders.has(credential)).map(({ label }) => label);
  const jobs = owners.flatMap((entry) => (entry === null ? [] : [entry.item.job]));
  const [best, ...rest] = jobs;
  if (best === undefined) throw new RangeError('An edge has one owner at least, got none.');
  const job = rest.reduce((leader, other) => (isBetter(other, leader) ? other : leader), best);
  return job instanceof UpstreamError ? job : { ...job, keys };
}

function isBetter(job: FetchedJob | UpstreamError, than: FetchedJob | UpstreamError): boolean {
  if (job instanceof UpstreamError) return false;
  return than instanceof UpstreamError || job.fetched.seq > than.fetched.seq;
}

/** Where an edge stands in each key's list. A key that failed keeps its place until it recovers. */
function toCursor(edge: MergedEdge, sources: readonly Source[]): Cursor {
  let answered = 0;
  return new Map(
    sources.map((source) => {
      const { fingerprint } = source.credential.key;
      if (!isAnswered(source)) return [fingerprint, { behind: source.begin, isOwner: false }];
      answered += 1;
      return [fingerprint, positionAt(edge, source, answered - 1)];
    }),
  );
}

/** The position of an edge in one key's list: the source is the `index`th of those that answered. */
function positionAt(
  { owners, indexes, createdAtMs }: MergedEdge,
  { result }: AnsweredSource,
  index: number,
): CursorPosition {
  const isOwner = owners[index] !== null;
  const inFront = (indexes[index] ?? 0) + (isOwner ? 1 : 0);
  return { behind: bookmarkAt(result, inFront, createdAtMs), isOwner };
}

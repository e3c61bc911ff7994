import type { Credential } from '../auth/api-key.ts';
import { isFailure } from '../jobs/failures.ts';
import { hasComeFurther, isSameJob } from '../jobs/job-progress.ts';
import { type FetchedJob, type JobView, toJobView } from '../jobs/list-page.ts';
import type { UpstreamError } from '../upstream/upstream-error.ts';
import { type Cursor, type CursorPosition, type CursorScope, encodeCursor } from './cursor.ts';
import type { JobEdgeView } from './job-connection.ts';
import { bookmarkAt } from './list/read-slice.ts';
import type { LastSeen } from './list-reader.ts';
import type { MergedEdge } from './merge/merge-slices.ts';
import type { Source } from './merge/read-source.ts';

/** An edge as clients see it. */
export function toEdgeView(
  edge: MergedEdge,
  sources: readonly Source[],
  credentials: readonly Credential[],
  scope: CursorScope,
  lastSeen: LastSeen,
): JobEdgeView {
  return {
    node: toNode(edge, credentials, lastSeen),
    cursor: () => encodeCursor(toCursor(edge, sources), scope),
  };
}

/**
 * The job of an edge as the keys see it: also as one has seen it whose list does not hold it, or held it before, if it has come
 * further there. It is unreadable only where no key can read it.
 */
function toNode(
  { positions }: MergedEdge,
  credentials: readonly Credential[],
  lastSeen: LastSeen,
): JobView | UpstreamError {
  let best: FetchedJob | UpstreamError | null = null;
  const owners: Credential[] = [];
  for (const [{ credential }, { entry }] of positions) {
    if (entry === null) continue;
    owners.push(credential);
    if (best === null || isBetter(entry.item.job, best)) best = entry.item.job;
  }
  if (best === null) throw new RangeError('An edge must have an owner, got none.');
  if (isFailure(best)) return best;
  // What a page of the only key shows of its jobs is what was last seen of them.
  const [only, another] = credentials;
  if (only !== undefined && another === undefined) return toJobView(best, only.label);
  let seer: Credential | null = null;
  for (const credential of credentials) {
    const seen = lastSeen(credential, best.job.qrn);
    if (seen === null || !hasComeFurther(seen, best) || isSameJob(seen.job, best.job)) continue;
    best = seen;
    seer = credential;
  }
  const { job, fetched } = best;
  return { job, fetched, keys: labelsOf(seer === null ? owners : [...owners, seer], credentials) };
}

/** The labels of some of the keys, in the order of the request. */
function labelsOf(some: readonly Credential[], credentials: readonly Credential[]): readonly string[] {
  return credentials.filter((credential) => some.includes(credential)).map(({ label }) => label);
}

function isBetter(job: FetchedJob | UpstreamError, than: FetchedJob | UpstreamError): boolean {
  if (isFailure(job)) return false;
  return isFailure(than) || hasComeFurther(job, than);
}

function toCursor(edge: MergedEdge, sources: readonly Source[]): Cursor {
  return new Map(sources.map((source) => [source.credential.key.fingerprint, positionIn(source, edge)]));
}

/** Where an edge stands in one key's list. A key that failed stays where it was until it recovers. */
function positionIn(source: Source, { positions, createdAtMs }: MergedEdge): CursorPosition {
  const position = positions.get(source);
  if (position === undefined) return { behind: source.begin, isOwner: false };
  const { slice, index, entry } = position;
  const isOwner = entry !== null;
  return { behind: bookmarkAt(slice, isOwner ? index + 1 : index, createdAtMs), isOwner };
}

import type { Credential } from '../auth/api-key.ts';
import { boundaryAfter, boundaryBefore, type Cursor } from './cursor.ts';
import type { Boundary } from './list/bookmark.ts';
import { type Anchor, isUnique } from './list/entry.ts';
import type { SliceRequest } from './list/plan-search.ts';
import type { PageWindow } from './page-window.ts';

/** The cursors between which jobs are wanted. */
export interface Cursors {
  readonly after: Cursor | null;
  readonly before: Cursor | null;
}

/** Which slice of one key's list to read for a page between cursors. */
export function toSliceRequest({ key }: Credential, window: PageWindow, cursors: Cursors): SliceRequest {
  const after = cursors.after?.get(key.fingerprint);
  const before = cursors.before?.get(key.fingerprint);
  const low = after === undefined ? null : boundaryAfter(after);
  const high = before === undefined ? null : boundaryBefore(before);
  const { direction, count } = window;
  return direction === 'forward'
    ? { begin: low ?? 'start', direction, count, stop: high }
    : { begin: high ?? 'end', direction, count, stop: low };
}

/**
 * The anchors that the reader of a page has passed, in the list of any key, as far as the cursor tells. None backward: a page is
 * merged from its front, so that where lists contradict each other, what stands behind the cursor in one of them may be merged in
 * front of it. To leave that out would lose it.
 */
export function toPassed({ direction }: PageWindow, { after }: Cursors): ReadonlySet<Anchor> {
  if (direction === 'backward' || after === null) return new Set();
  return new Set([...after.values()].flatMap((position) => passedAt(boundaryAfter(position))));
}

function passedAt(boundary: Boundary): readonly Anchor[] {
  return typeof boundary === 'string' ? [] : boundary.nearestBefore.filter(isUnique);
}

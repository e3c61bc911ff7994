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

/** The anchors that the reader of a page has passed, in the list of any key, as far as the cursor tells. */
export function toPassed({ direction }: PageWindow, { after, before }: Cursors): ReadonlySet<Anchor> {
  const boundaries =
    direction === 'forward'
      ? [...(after?.values() ?? [])].map(boundaryAfter)
      : [...(before?.values() ?? [])].map(boundaryBefore);
  return new Set(boundaries.flatMap((boundary) => passedAt(boundary, direction)));
}

function passedAt(boundary: Boundary, direction: PageWindow['direction']): readonly Anchor[] {
  if (typeof boundary === 'string') return [];
  return (direction === 'forward' ? boundary.nearestBefore : boundary.nearestAfter).filter(isUnique);
}

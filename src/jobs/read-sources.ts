import type { Credential } from '../auth/credential.ts';
import { UpstreamError } from '../upstream/upstream-error.ts';
import { boundaryAfter, boundaryBefore, type Cursor } from './cursor.ts';
import type { ReadPage } from './list-page.ts';
import type { PageWindow } from './page-window.ts';
import type { Boundary } from './place.ts';
import { readStretch, type Stretch } from './read-stretch.ts';
import { trimStretch } from './trim-stretch.ts';

/** One key's part of a connection. */
export interface Source {
  readonly credential: Credential;
  /** The boundary that the part begins at. */
  readonly begin: Boundary;
  /** The jobs of the part: none where the key failed. */
  readonly stretch: Stretch;
  /** Why the key failed. */
  readonly error: UpstreamError | null;
}

/** The cursors between which jobs are wanted. */
export interface Cursors {
  readonly after: Cursor | null;
  readonly before: Cursor | null;
}

const NOTHING: Stretch = { entries: [], from: 0, to: 0, leading: 0, trailing: 0, total: 0 };

/** Reads each key's part of a connection, all at once; what stops one key stops no other. */
export function readSources(
  credentials: readonly Credential[],
  readPageOf: (credential: Credential) => ReadPage,
  window: PageWindow,
  cursors: Cursors,
): Promise<readonly Source[]> {
  return Promise.all(
    credentials.map(async (credential) => {
      const { begin, stop } = boundariesOf(credential, window, cursors);
      try {
        const stretch = await readStretch(readPageOf(credential), begin, window.direction, window.count);
        const trimmed = stop === null ? stretch : trimStretch(stretch, stop, window.direction);
        return { credential, begin, stretch: trimmed, error: null };
      } catch (error) {
        if (error instanceof UpstreamError) return { credential, begin, stretch: NOTHING, error };
        throw error;
      }
    }),
  );
}

/** Where a key's part begins, and where it stops whether or not it is full. */
function boundariesOf({ key }: Credential, { direction }: PageWindow, cursors: Cursors) {
  const after = cursors.after?.get(key.fingerprint);
  const before = cursors.before?.get(key.fingerprint);
  const low = after === undefined ? null : boundaryAfter(after);
  const high = before === undefined ? null : boundaryBefore(before);
  return direction === 'forward'
    ? { begin: low ?? 'start', stop: high }
    : { begin: high ?? 'end', stop: low };
}

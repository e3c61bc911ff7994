import type { Credential } from '../auth/api-key.ts';
import type { ReadPage } from '../jobs/list-page.ts';
import type { SearchState } from './list/plan-search.ts';
import { findUnsettled } from './merge/find-unsettled.ts';
import { type Merged, mergeSlices } from './merge/merge-slices.ts';
import { isAnswered, readSource, type Source } from './merge/read-source.ts';
import { type Cursors, toPassed, toSliceRequest } from './page-bounds.ts';
import type { PageWindow } from './page-window.ts';

/** A page of the merged list, and what each key gave for it. */
export interface MergedPage extends Merged {
  readonly sources: readonly Source[];
}

/** So often a list is read on only to be sure of the merged order. */
const MAX_EXTENSIONS = 5;

/** So many jobs are read each time. */
const EXTENSION = 100;

/**
 * Reads a page of the merged list of several keys, with all keys at once.
 *
 * @param credentials In an order that does not change from page to page.
 */
export async function readMerged(
  credentials: readonly Credential[],
  readPageOf: (credential: Credential) => ReadPage,
  window: PageWindow,
  cursors: Cursors,
): Promise<MergedPage> {
  const read = (credential: Credential, extensions = 0, state?: SearchState) => {
    const { begin, direction, count, stop } = toSliceRequest(credential, window, cursors);
    const wide = { begin, direction, count: count + extensions * EXTENSION, stop };
    return readSource(credential, readPageOf(credential), wide, state);
  };
  const passed = toPassed(window, cursors);

  let sources = await Promise.all(credentials.map((credential) => read(credential)));
  for (let extensions = 0; ; extensions += 1) {
    const answered = sources.filter(isAnswered);
    const merged = mergeSlices(answered, window.direction, window.count, passed);
    const unsettled = extensions < MAX_EXTENSIONS ? findUnsettled(answered, merged, window) : [];
    if (unsettled.length === 0) {
      const { edges, hasLeading, hasTrailing } = merged;
      return { edges, hasLeading, hasTrailing, sources };
    }
    sources = await Promise.all(
      sources.map((source) =>
        isAnswered(source) && unsettled.includes(source)
          ? read(source.credential, extensions + 1, source.result.state)
          : source,
      ),
    );
  }
}

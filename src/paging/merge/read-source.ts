import type { Credential } from '../../auth/api-key.ts';
import { isFailure } from '../../jobs/failures.ts';
import type { ReadPage } from '../../jobs/list-page.ts';
import type { UpstreamError } from '../../upstream/upstream-error.ts';
import type { Boundary } from '../list/bookmark.ts';
import type { SearchState, SliceRequest } from '../list/plan-search.ts';
import { readSlice, type Slice } from '../list/read-slice.ts';

/** One key's part of a connection: its slice, or why there is none. */
export interface Source {
  readonly credential: Credential;
  /** The boundary that the slice begins at. */
  readonly begin: Boundary;
  readonly result: Slice | UpstreamError;
}

/** A source whose key gave a slice. */
export type AnsweredSource = Source & { readonly result: Slice };

/** Reads one key's part of a connection. A key that fails leaves the others alone: its error is its result. */
export async function readSource(
  credential: Credential,
  readPage: ReadPage,
  request: SliceRequest,
  state?: SearchState,
): Promise<Source> {
  const { begin } = request;
  try {
    return { credential, begin, result: await readSlice(readPage, request, state) };
  } catch (error) {
    if (isFailure(error)) return { credential, begin, result: error };
    throw error;
  }
}

/** Whether the key gave a slice. */
export function isAnswered(source: Source): source is AnsweredSource {
  return !isFailure(source.result);
}

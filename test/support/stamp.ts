import { type Stamp, toSeq } from '../../src/jobs/seq.ts';

/** The stamp of an event at a time of the test's own. Later times have later seqs. */
export function stampAt(atMs: number): Stamp {
  return { seq: toSeq(atMs), atMs, date: new Date(atMs) };
}

/** The age of a page of which a test does not care when it was read. */
export const ANY_AGE = { fetched: stampAt(0), isStale: false };

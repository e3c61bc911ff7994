import type { Seq, Stamp } from '../../jobs/seq.ts';

/** Something that was read, and when. */
export interface Cached<T> {
  readonly value: T;
  /** When the request was sent: everything that happened before then shows in the value. */
  readonly askedSeq: Seq;
  /** When the answer came. */
  readonly read: Stamp;
}

/** When an answer was asked for and came. */
export type When = Pick<Cached<unknown>, 'askedSeq' | 'read'>;

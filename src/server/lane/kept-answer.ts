import type { Abandonment } from '../../lib/abandonment.ts';
import type { JobStore } from '../../store/job-store.ts';
import type { OperationFacts } from '../records/request-record.ts';
import type { AnswerText } from './answer-text.ts';
import { isUnchanged, type MadeOf } from './is-unchanged.ts';

/** An answer that may be given again. */
export interface KeptAnswer extends AnswerText, MadeOf {
  readonly operation: OperationFacts | null;
  /** The fingerprints of its keys. */
  readonly keys: readonly string[];
  /** What was read for it, by resource: a read from the cache each time that it is given. */
  readonly reads: readonly string[];
  /** Aborts when the key ring of its request is withdrawn; null where it used none. */
  readonly withdrawal: Abandonment | null;
}

/** Whether nothing else was read since with one of its keys, none is refused, and its token is not withdrawn. */
export function isStillRight(answer: KeptAnswer, store: Pick<JobStore, 'versionOf'>): boolean {
  return !answer.withdrawal?.aborted && isUnchanged(answer, store);
}

/** What an entry takes besides its text, in bytes. */
const ENTRY_BYTES = 600;

/** A text beyond this is not kept: it is made again in little more time than it takes to send. */
export const MAX_TEXT_BYTES = 1_048_576;

/** How much memory an answer takes, in bytes. */
export function sizeOfAnswer({ text, bytes, keys }: KeptAnswer): number {
  return ENTRY_BYTES + 64 * keys.length + sizeOfText(text, bytes);
}

/** How many bytes V8 takes for a text: one for each character where all are ASCII, as mostly. */
function sizeOfText({ length }: string | Buffer, bytes: number): number {
  return length === bytes ? length : 2 * length;
}

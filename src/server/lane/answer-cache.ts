import { LRUCache } from 'lru-cache';
import type { Abandonment } from '../../lib/abandonment.ts';
import type { JobStore } from '../../store/job-store.ts';
import type { OperationFacts } from '../records/request-record.ts';
import type { AnswerText } from './answer-text.ts';
import { isUnchanged, type MadeOf } from './is-unchanged.ts';

/** An answer that may be given again. */
export interface CachedAnswer extends AnswerText, MadeOf {
  /** Until when all that was read for it is ordinarily fresh, by `Clock.now`. */
  readonly freshUntilMs: number;
  readonly operation: OperationFacts | null;
  /** The fingerprints of its keys. */
  readonly keys: readonly string[];
  /** What was read for it, by resource: a read from the cache each time that it is given. */
  readonly reads: readonly string[];
  /** Aborts when the key ring of its request is withdrawn; null where it used none. */
  readonly withdrawal: Abandonment | null;
}

/** How many bytes V8 takes for a text: one for each character where all are ASCII, as mostly. */
function sizeOf({ length }: string | Buffer, bytes: number): number {
  return length === bytes ? length : 2 * length;
}

/** What an entry takes besides its text, in bytes. */
const ENTRY_BYTES = 600;

/** A text beyond this is not kept: it is made again in little more time than it takes to send. */
const MAX_TEXT_BYTES = 1_048_576;

/**
 * The answers that were given last, by the name of their request: keys, token, media type and body. An answer is given again only
 * while it is as good as a new one: all that it tells is ordinarily fresh, and nothing was read with any of its keys that
 * tells something else. So nobody sees an older state than another answer, or a stream, has shown, and nothing is seen of a
 * key that is refused, or with a token that was withdrawn. Bounded in bytes; the least recently used are evicted first.
 */
export class AnswerCache {
  readonly #answers: LRUCache<string, CachedAnswer>;
  readonly #store: Pick<JobStore, 'versionOf'>;

  constructor(maxBytes: number, store: Pick<JobStore, 'versionOf'>) {
    this.#store = store;
    this.#answers = new LRUCache({
      maxSize: Math.max(1, maxBytes),
      sizeCalculation: ({ text, bytes, keys }) => ENTRY_BYTES + 64 * keys.length + sizeOf(text, bytes),
    });
  }

  /** How many bytes the answers take. */
  get bytes(): number {
    return this.#answers.calculatedSize;
  }

  /** The answer to a request of this name, if it is still right. */
  get(name: string, nowMs: number): CachedAnswer | null {
    const answer = this.#answers.get(name);
    if (answer === undefined) return null;
    const isRight = nowMs < answer.freshUntilMs && !answer.withdrawal?.aborted;
    if (isRight && isUnchanged(answer, this.#store)) return answer;
    this.#answers.delete(name);
    return null;
  }

  set(name: string, answer: CachedAnswer): void {
    if (answer.bytes <= MAX_TEXT_BYTES) this.#answers.set(name, answer);
  }
}

import { LRUCache } from 'lru-cache';
import type { Seq } from '../../jobs/seq.ts';
import type { JobStore } from '../../store/job-store.ts';
import { isStillRight, type KeptAnswer, MAX_TEXT_BYTES, sizeOfAnswer } from './kept-answer.ts';

/** An answer that was read for those who asked before. */
export interface RecentAnswer {
  readonly answer: KeptAnswer;
  /** When the oldest part of it was read: it serves who came before then. */
  readonly oldestSeq: Seq;
  /** When the last one came who is known to be served by it: nobody who came later is. Null where `oldestSeq` says it all. */
  readonly latestSeq: Seq | null;
}

/** Requests that wait while more than so many others are answered are executed themselves. */
const MAX_ANSWERS = 64;

/**
 * The last answers that are not fresh for a while, by the name of their request. Each serves those who asked for the same before
 * anything in it was read, and had to wait: to them it is as good as one of their own, however short what it tells is fresh.
 * Nothing is given once something else was read with one of its keys, the key is refused, or its token is withdrawn. Bounded
 * in number and bytes.
 */
export class RecentAnswers {
  readonly #answers: LRUCache<string, RecentAnswer>;
  readonly #store: Pick<JobStore, 'versionOf'>;

  constructor(maxBytes: number, store: Pick<JobStore, 'versionOf'>) {
    this.#store = store;
    this.#answers = new LRUCache({
      max: MAX_ANSWERS,
      maxSize: Math.max(1, maxBytes),
      sizeCalculation: ({ answer }) => sizeOfAnswer(answer),
    });
  }

  /** The answer to a request of this name that came at `arrivedSeq`, if all in it was read after that. */
  get(name: string, arrivedSeq: Seq): KeptAnswer | null {
    const entry = this.#answers.get(name);
    if (entry === undefined) return null;
    const { answer, oldestSeq, latestSeq } = entry;
    if (arrivedSeq >= oldestSeq || (latestSeq !== null && arrivedSeq > latestSeq)) return null;
    return isStillRight(answer, this.#store) ? answer : null;
  }

  set(name: string, entry: RecentAnswer): void {
    if (entry.answer.bytes <= MAX_TEXT_BYTES) this.#answers.set(name, entry);
  }
}

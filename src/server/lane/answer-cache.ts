import { LRUCache } from 'lru-cache';
import type { JobStore } from '../../store/job-store.ts';
import { isStillRight, type KeptAnswer, MAX_TEXT_BYTES, sizeOfAnswer } from './kept-answer.ts';

/** An answer that is fresh for a while. */
interface Entry {
  readonly answer: KeptAnswer;
  /** Until when all that was read for it is ordinarily fresh, by `Clock.now`. */
  readonly freshUntilMs: number;
}

/**
 * The answers that were given last, by the name of their request: keys, token, media type and body. An answer is given again only
 * while it is as good as a new one: all that it tells is ordinarily fresh, and nothing was read with any of its keys that
 * tells something else. So nobody sees an older state than another answer, or a stream, has shown, and nothing is seen of a
 * key that is refused, or with a token that was withdrawn. Bounded in bytes; the least recently used are evicted first.
 */
export class AnswerCache {
  readonly #answers: LRUCache<string, Entry>;
  readonly #store: Pick<JobStore, 'versionOf'>;

  constructor(maxBytes: number, store: Pick<JobStore, 'versionOf'>) {
    this.#store = store;
    this.#answers = new LRUCache({
      maxSize: Math.max(1, maxBytes),
      sizeCalculation: ({ answer }) => sizeOfAnswer(answer),
    });
  }

  /** How many bytes the answers take. */
  get bytes(): number {
    return this.#answers.calculatedSize;
  }

  /** The answer to a request of this name, if it is still right. */
  get(name: string, nowMs: number): KeptAnswer | null {
    const entry = this.#answers.get(name);
    if (entry === undefined) return null;
    const { answer, freshUntilMs } = entry;
    if (nowMs < freshUntilMs && isStillRight(answer, this.#store)) return answer;
    this.#answers.delete(name);
    return null;
  }

  set(name: string, answer: KeptAnswer, freshUntilMs: number): void {
    if (answer.bytes <= MAX_TEXT_BYTES) this.#answers.set(name, { answer, freshUntilMs });
  }
}

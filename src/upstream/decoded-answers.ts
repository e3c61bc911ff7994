import { LRUCache } from 'lru-cache';
import type { Answer } from './exchange.ts';

/** The bound of the bytes that are remembered, of all keys together. It comes on top of `STORE_MAX_BYTES`. */
export const MAX_REMEMBERED_BYTES = 32 * 1024 * 1024;

/** What an entry takes besides its bytes. */
const ENTRY_BYTES = 300;

/**
 * Decodes only what has changed: most answers are the same as the last one to the same request. Remembers from which bytes an
 * answer was decoded. Whoever reads again and has that answer gets it back, the same object, for the same bytes. So nothing is
 * given without an answer of upstream, nor to anybody who has not got it before. The answers used last are remembered, up to
 * `MAX_REMEMBERED_BYTES`.
 */
export class DecodedAnswers {
  readonly #bytes = new LRUCache<object, Buffer>({
    maxSize: MAX_REMEMBERED_BYTES,
    sizeCalculation: ({ length }) => ENTRY_BYTES + length,
  });

  /** How much is remembered now, in bytes. */
  get bytes(): number {
    return this.#bytes.calculatedSize;
  }

  /** What the last answer to the same request said, if this one has the same bytes: else null. */
  recall<T extends object>({ status, bytes }: Answer, former: T | null): T | null {
    const isSame = former !== null && status === 200 && this.#bytes.get(former)?.equals(bytes) === true;
    return isSame ? former : null;
  }

  /**
   * Remembers what a good answer says in place of what the one before it said, and gives it.
   *
   * @param reuse Makes of it the same with the parts of what the answer before it said, where they are equal.
   */
  remember<T extends object>(
    { status, bytes }: Answer,
    decoded: T,
    former: T | null,
    reuse: (decoded: T, former: T) => T,
  ): T {
    if (status !== 200) return decoded;
    const kept = former === null ? decoded : reuse(decoded, former);
    if (former !== null && former !== kept) this.#bytes.delete(former);
    this.#bytes.set(kept, bytes);
    return kept;
  }
}

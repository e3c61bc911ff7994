import { LRUCache } from 'lru-cache';
import type { ApiKey } from '../auth/api-key.ts';
import type { Answer } from './exchange.ts';

/** What was asked for, with which key, and the answer. */
export interface KeyAnswer {
  readonly key: ApiKey;
  readonly path: string;
  readonly answer: Answer;
}

interface Remembered {
  readonly bytes: Buffer;
  readonly decoded: object;
}

/** The bound of what is remembered, of all keys together, in bytes. It comes on top of `STORE_MAX_BYTES`. */
export const MAX_REMEMBERED_BYTES = 16 * 1024 * 1024;

/** What is decoded takes about three times as much as its text, which is kept beside it. */
const BYTES_PER_BYTE = 4;

/** What an entry takes besides, in bytes. */
const ENTRY_BYTES = 300;

/**
 * Decodes only what has changed: most answers are the same as the last one to the same request. Remembers for each key
 * and path the last good answer and what was decoded from it, and gives that again, the same object, for the same
 * bytes. Nothing is given without an answer of upstream to this very key, and nothing is shared between keys. The
 * answers used last are kept, up to `MAX_REMEMBERED_BYTES`.
 */
export class DecodedAnswers {
  readonly #last = new LRUCache<string, Remembered>({
    maxSize: MAX_REMEMBERED_BYTES,
    sizeCalculation: ({ bytes }, name) => ENTRY_BYTES + 2 * name.length + BYTES_PER_BYTE * bytes.length,
  });

  /** How much is remembered now, in bytes. */
  get bytes(): number {
    return this.#last.calculatedSize;
  }

  /** What the last good answer to the same request said, if this one has the same bytes: else null. */
  recall<T extends object>({ key, path, answer }: KeyAnswer): T | null {
    const last = answer.status === 200 ? this.#last.get(toName(key, path)) : undefined;
    // A path has one kind of answer.
    return last?.bytes.equals(answer.bytes) ? (last.decoded as T) : null;
  }

  /**
   * Remembers what a good answer says, and gives it.
   *
   * @param reuse Makes of it the same with the parts of what the answer before it said, where they are equal.
   */
  remember<T extends object>(
    { key, path, answer }: KeyAnswer,
    decoded: T,
    reuse: (decoded: T, former: T) => T,
  ): T {
    if (answer.status !== 200) return decoded;
    const name = toName(key, path);
    const former = this.#last.get(name)?.decoded as T | undefined;
    const kept = former === undefined ? decoded : reuse(decoded, former);
    this.#last.set(name, { bytes: answer.bytes, decoded: kept });
    return kept;
  }
}

function toName({ fingerprint }: ApiKey, path: string): string {
  return `${fingerprint} ${path}`;
}

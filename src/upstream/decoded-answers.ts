import { LRUCache } from 'lru-cache';
import type { ApiKey } from '../auth/api-key.ts';
import type { Answer } from './exchange.ts';

/** What is to be decoded, and how. */
export interface Decoding<T> {
  /** The key that was asked with. */
  readonly key: ApiKey;
  /** What was asked for. */
  readonly path: string;
  readonly answer: Answer;
  readonly decode: () => T;
  /** Makes of what was decoded the same with the parts of what was decoded before it, where they are equal. */
  readonly reuse: (decoded: T, former: T) => T;
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

  /** What an answer says. Throws what `decode` throws, and then still remembers the good answer before. */
  decode<T extends object>({ key, path, answer, decode, reuse }: Decoding<T>): T {
    const { status, bytes } = answer;
    if (status !== 200) return decode();
    const name = `${key.fingerprint} ${path}`;
    const last = this.#last.get(name);
    // A path has one kind of answer.
    const former = last?.decoded as T | undefined;
    if (former !== undefined && last?.bytes.equals(bytes)) return former;
    const fresh = decode();
    const decoded = former === undefined ? fresh : reuse(fresh, former);
    this.#last.set(name, { bytes, decoded });
    return decoded;
  }
}

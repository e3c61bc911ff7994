import { hash } from 'node:crypto';
import type { Answer } from './exchange.ts';

/**
 * Decodes only what has changed: most answers are the same as the last one to the same request. Notes the digest of each good
 * answer for as long as somebody has what was decoded from it. Whoever asks again and has that gets the same object for the same
 * bytes. So nothing is given without an answer of upstream, nor to anybody who has not got it before.
 */
export class DecodedAnswers {
  readonly #digests = new WeakMap<object, string>();

  /**
   * What an answer says.
   *
   * @param former What the same request gave the same key before: null where nobody knows.
   * @param decode Reads the answer, or throws.
   * @param reuse Makes of what was read the same with the parts of `former` that are equal.
   */
  read<T extends object>(
    { status, bytes }: Answer,
    former: T | null,
    decode: () => T,
    reuse: (decoded: T, former: T) => T,
  ): T {
    if (status !== 200) return decode();
    const digest = hash('sha256', bytes, 'base64');
    if (former !== null && this.#digests.get(former) === digest) return former;
    const decoded = decode();
    const kept = former === null ? decoded : reuse(decoded, former);
    this.#digests.set(kept, digest);
    return kept;
  }
}

import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import type { Coding } from './to-coding.ts';

/**
 * Beyond this quality, a megabyte costs seconds of a processor and becomes a twentieth smaller. This one costs a fifth of
 * a second.
 */
const BROTLI_QUALITY = 5;

const compress: Readonly<Record<Coding, (bytes: Buffer) => Promise<Buffer>>> = {
  br: (bytes) =>
    promisify(brotliCompress)(bytes, {
      params: {
        [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY,
        [constants.BROTLI_PARAM_LGWIN]: constants.BROTLI_MAX_WINDOW_BITS,
        [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
      },
    }),
  gzip: promisify(gzip),
  identity: async (bytes) => bytes,
};

/** A text in the codings that it was asked for. Each is made once, beside the event loop, and kept as long as the text. */
export class CodedText {
  readonly #text: string;
  readonly #coded = new Map<Coding, Promise<Buffer>>();

  constructor(text: string) {
    this.#text = text;
  }

  /** The bytes of the text in this coding. Requests that ask at the same time share them. */
  in(coding: Coding): Promise<Buffer> {
    const known = this.#coded.get(coding);
    if (known !== undefined) return known;
    const coded = compress[coding](Buffer.from(this.#text));
    this.#coded.set(coding, coded);
    return coded;
  }
}

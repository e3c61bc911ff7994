import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate } from 'node:zlib';
import { invalidResponse } from './upstream-error.ts';

type Decode = (bytes: Buffer, options: { readonly maxOutputLength: number }) => Promise<Buffer>;

/** The content codings of RFC 9110, section 8.4.1. The gateway asks for none; proxies apply them unasked. */
const DECODERS: Readonly<Record<string, Decode>> = {
  gzip: promisify(gunzip),
  'x-gzip': promisify(gunzip),
  deflate: promisify(inflate),
  br: promisify(brotliDecompress),
};

/**
 * Takes the content coding off the bytes of a body.
 *
 * @param encoding the `Content-Encoding` of the answer.
 * @param maxBytes how many bytes there may be without it: a few compressed bytes may stand for very many.
 * @throws {UpstreamError} `invalid-response` for another coding, and for bytes that are not what they say, or too many.
 */
export async function decodeContent(bytes: Buffer, encoding: string, maxBytes: number): Promise<Buffer> {
  const name = encoding.trim().toLowerCase() || 'identity';
  if (name === 'identity') return bytes;
  const decode = Object.hasOwn(DECODERS, name) ? DECODERS[name] : undefined;
  if (decode === undefined) {
    throw invalidResponse(
      'The qBraid API sent an answer in a content coding that the gateway does not know.',
    );
  }
  try {
    return await decode(bytes, { maxOutputLength: maxBytes });
  } catch {
    throw invalidResponse('The qBraid API sent a compressed answer that cannot be read, or is too large.');
  }
}

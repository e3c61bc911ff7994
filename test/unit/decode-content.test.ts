import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { decodeContent } from '../../src/upstream/decode-content.ts';
import { UpstreamError } from '../../src/upstream/upstream-error.ts';

const TEXT = '{"name":"Bell pair, ½"}';
const bytes = Buffer.from(TEXT);

/** The text, or the kind of the failure. */
const decode = (content: Buffer, encoding: string, maxBytes = 1000) =>
  decodeContent(content, encoding, maxBytes).then(
    (decoded) => new TextDecoder().decode(decoded),
    (error: unknown) => (error instanceof UpstreamError ? error.kind : error),
  );

describe('the body of an answer', () => {
  test.each<[encoding: string, content: Buffer]>([
    ['', bytes],
    ['identity', bytes],
    ['gzip', gzipSync(bytes)],
    ['x-gzip', gzipSync(bytes)],
    ['GZIP', gzipSync(bytes)],
    ['deflate', deflateSync(bytes)],
    ['br', brotliCompressSync(bytes)],
  ])('in the content coding %s is read', async (encoding, content) => {
    expect(await decode(content, encoding)).toBe(TEXT);
  });

  test.each<[what: string, encoding: string, content: Buffer]>([
    ['in an unknown coding', 'compress', bytes],
    ['in two codings', 'gzip, br', bytes],
    ['in a coding that is a name of every object', 'constructor', bytes],
    ['that is not compressed as it says', 'gzip', bytes],
    ['that breaks off', 'gzip', gzipSync(bytes).subarray(0, 20)],
    ['that unpacks into too much', 'gzip', gzipSync(Buffer.alloc(1001))],
  ])('%s is an invalid answer', async (_, encoding, content) => {
    expect(await decode(content, encoding)).toBe('invalid-response');
  });
});

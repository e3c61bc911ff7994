import { expect, test } from 'vitest';
import { toCoding } from '../../src/server/pages/to-coding.ts';

test.each([
  ['gzip, deflate, br, zstd', 'br'],
  ['gzip, deflate', 'gzip'],
  ['GZIP;q=0.5, deflate', 'gzip'],
  ['br;q=0, gzip', 'gzip'],
  ['br; q=0.1, gzip; q=0', 'br'],
  ['*', 'br'],
  ['*;q=0.5, br;q=0', 'gzip'],
  ['*;q=0, gzip', 'gzip'],
  ['identity', 'identity'],
  ['deflate', 'identity'],
  ['br;q=much', 'identity'],
  ['', 'identity'],
  [null, 'identity'],
])('Accept-Encoding %j gets %s', (acceptEncoding, coding) => {
  expect(toCoding(acceptEncoding)).toBe(coding);
});

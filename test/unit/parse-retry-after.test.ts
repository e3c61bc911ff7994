import { expect, test } from 'vitest';
import { parseRetryAfter } from '../../src/upstream/read-body.ts';

const NOW = new Date(Date.UTC(2026, 0, 15, 12));

test.each<[header: string | undefined, retryAfterMs: number | undefined]>([
  [undefined, undefined],
  ['', undefined],
  ['  ', undefined],
  ['0', 0],
  ['7', 7000],
  [' 7 ', 7000],
  ['0.25', 250],
  ['1.0001', 1001],
  ['-5', undefined],
  ['1e3', undefined],
  ['0x10', undefined],
  ['5 s', undefined],
  ['soon', undefined],
  ['9'.repeat(400), undefined],
  ['Thu, 15 Jan 2026 12:01:30 GMT', 90_000],
  ['Thursday, 15-Jan-26 12:01:30 GMT', 90_000],
  ['Thu, 15 Jan 2026 12:00:00 GMT', 0],
  ['Thu, 15 Jan 2026 11:59:59 GMT', 0],
  ['Thu, 35 Jan 2026 12:00:00 GMT', undefined],
  ['2026-01-15T12:01:30Z', undefined],
  ['2001', 2_001_000],
])('Retry-After: %s is %s ms from now', (header, retryAfterMs) => {
  expect(parseRetryAfter(header, NOW)).toBe(retryAfterMs);
});

import { describe, expect, test } from 'vitest';
import { holdsKey } from '../../src/auth/holds-key.ts';

const headers = new Headers({
  'x-api-key': 'qbr-alice-0f8f',
  'x-api-keys': 'bob=Bob-7d1f0c52a94e, short=k1, bare-key-30b8e6f1==',
  authorization: 'Bearer token-c5a2937b',
});

describe('a text', () => {
  test.each([
    'qbr-alice-0f8f',
    'trace-qbr-alice-0f8f-1',
    'trace-bob-7D1F0C52A94E',
    '7d1f0c52',
    'id-k1-id',
    'x.bare-key-30b8e6f1',
    'token-c5a2937b',
    'qbr_of-another-request',
    'trace-QBR_of-another-request',
  ])('%s holds a key', (text) => {
    expect(holdsKey(text, headers)).toBe(true);
  });

  test.each([
    '',
    '1',
    'bob',
    'short',
    'qbr',
    'my_qbr_jobs',
    '4bf92f3577b34da6a3ce929d0e0e4736',
    'd2f1c6a0-5b7e-4c1d-9a3f-8e6b2d4c0f19',
  ])('“%s” holds none', (text) => {
    expect(holdsKey(text, headers)).toBe(false);
  });
});

import { expect, test } from 'vitest';
import { isAllowedOrigin } from '../../src/server/http/to-cors-options.ts';

const LOCAL = ['http://localhost:*', 'http://[::1]:*', 'https://app.example.com'];

test.each([
  ['http://localhost:5173', true],
  ['http://localhost', true],
  ['http://[::1]:8080', true],
  ['https://app.example.com', true],
  ['https://app.example.com:8443', false],
  ['https://localhost:5173', false],
  ['http://localhost:', false],
  ['http://localhost.evil.example:80', false],
  ['http://localhost:80.evil.example', false],
  ['http://evil.example', false],
  ['null', false],
  [null, false],
])('pages of %s may read answers: %s', (origin, isAllowed) => {
  expect(isAllowedOrigin(origin, LOCAL)).toBe(isAllowed);
});

import { expect, test } from 'vitest';
import { toKeyHeaders } from '../../pages/live-jobs/key-headers.js';

test.each([
  ['qbr_one', { 'X-API-KEY': 'qbr_one' }],
  ['  qbr_one ', { 'X-API-KEY': 'qbr_one' }],
  ['b25lLWtleQ==', { 'X-API-KEY': 'b25lLWtleQ==' }],
  ['alice=qbr_one', { 'X-API-KEYS': 'alice=qbr_one' }],
  ['qbr_one, qbr_two', { 'X-API-KEYS': 'qbr_one, qbr_two' }],
  ['alice=qbr_one, bob=qbr_two', { 'X-API-KEYS': 'alice=qbr_one, bob=qbr_two' }],
  ['  ', null],
])('the live page sends what somebody types, %j, as %j', (text, headers) => {
  expect(toKeyHeaders(text)).toEqual(headers);
});

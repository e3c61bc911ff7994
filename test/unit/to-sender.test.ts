import type { IncomingMessage } from 'node:http';
import { expect, test } from 'vitest';
import { createClientAddresses } from '../../src/server/clients/client-addresses.ts';
import { toSender } from '../../src/server/to-sender.ts';

function sender(
  headers: IncomingMessage['headers'],
  remoteAddress: string | undefined = '192.0.2.1',
  keyRingsPath: string | null = null,
) {
  const request = { headers, socket: { remoteAddress } } as IncomingMessage;
  return toSender(request, createClientAddresses(['192.0.2.99']), { keyRingsPath });
}

test.each<[what: string, headers: IncomingMessage['headers'], keys: string]>([
  ['no key', {}, ''],
  ['one key', { 'x-api-key': 'k' }, 'k'],
  ['several keys', { 'x-api-keys': 'a=k, b=l' }, 'a=k, b=l'],
  ['both', { 'x-api-key': 'k', 'x-api-keys': 'a=l' }, 'k a=l'],
  ['a header twice', { 'x-api-keys': ['a=k', 'b=l'] }, 'a=k, b=l'],
])('who sends %s is told by them', (_, headers, keys) => {
  expect(sender(headers)).toEqual({ address: '192.0.2.1', keys });
});

test.each([
  ['told by it where there are key rings', '/rings.json', 'k  Bearer t'],
  ['not told by it where there are none', null, 'k'],
])('who sends a token is %s', (_, path, keys) => {
  const headers = { 'x-api-key': 'k', authorization: 'Bearer t' };
  expect(sender(headers, '192.0.2.1', path).keys).toBe(keys);
});

test.each([
  ['a proxy that is trusted', { 'x-forwarded-for': '203.0.113.7' }, '192.0.2.99', '203.0.113.7'],
  ['another proxy', { 'x-forwarded-for': '203.0.113.7' }, '192.0.2.1', '192.0.2.1'],
  ['a network of IPv6', {}, '2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['nobody knows where', {}, '', ''],
])('from %s it comes from one address', (_, headers, peer, address) => {
  expect(sender(headers, peer)).toEqual({ address, keys: '' });
});

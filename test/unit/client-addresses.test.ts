import { describe, expect, test } from 'vitest';
import { createClientAddresses } from '../../src/server/clients/client-addresses.ts';

const PROXIES = ['10.0.0.0/8', '192.0.2.7', 'fd00::/8', '::ffff:198.51.100.0/120'];

/** The address of a client whose connection comes from `peer` with these headers, and the group that it counts for. */
function clientOf(peer: string | undefined, forwarded: string | null, proxies: readonly string[] = PROXIES) {
  const addresses = createClientAddresses(proxies);
  const headers: Record<string, string> = forwarded === null ? {} : { 'x-forwarded-for': forwarded };
  const request = new Request('http://gateway/graphql', { headers });
  addresses.note(request, peer);
  return { address: addresses.of(request), group: addresses.groupOf(request) };
}

describe('the address of a client', () => {
  test.each<[string, string | undefined, string | null, string]>([
    ['is that of its connection', '203.0.113.9', null, '203.0.113.9'],
    ['is that of its connection, though it names another', '203.0.113.9', '1.1.1.1', '203.0.113.9'],
    ['is unknown without a connection', undefined, null, ''],
    ['is unknown without a connection, though it names one', undefined, '1.1.1.1', ''],
    ['is unknown where the connection has none', '', '1.1.1.1', ''],
    ['is what a trusted proxy says', '10.1.2.3', '203.0.113.9', '203.0.113.9'],
    ['is what a proxy says that is trusted by itself', '192.0.2.7', '203.0.113.9', '203.0.113.9'],
    ['is what a trusted proxy over IPv6 says', 'fd00::1', '203.0.113.9', '203.0.113.9'],
    ['is what a trusted proxy in IPv6 notation says', '::ffff:10.1.2.3', '203.0.113.9', '203.0.113.9'],
    ['is what a proxy says that is trusted in IPv6 notation', '198.51.100.4', '203.0.113.9', '203.0.113.9'],
    ['is that of a trusted proxy which says nothing', '10.1.2.3', null, '10.1.2.3'],
    ['is that of a trusted proxy which says an empty text', '10.1.2.3', ' ', '10.1.2.3'],
    ['is what the proxy added, not what the client wrote', '10.1.2.3', '1.1.1.1, 203.0.113.9', '203.0.113.9'],
    ['is what the first trusted proxy heard', '10.0.0.1', '1.1.1.1, 203.0.113.9,10.0.0.2', '203.0.113.9'],
    ['is that of a proxy which nobody trusts', '10.0.0.1', '1.1.1.1, 203.0.113.9, 9.9.9.9', '9.9.9.9'],
    ['is the first of proxies that are all trusted', '10.0.0.1', '10.0.0.3, 10.0.0.2', '10.0.0.3'],
    ['is that of a proxy which forwards no address', '10.0.0.1', 'unknown', '10.0.0.1'],
    ['is that of the last proxy before the nonsense', '10.0.0.1', '1.1.1.1, <b>, 10.0.0.2', '10.0.0.2'],
    ['is read around ports', '10.0.0.1', '203.0.113.9:4711', '203.0.113.9'],
    ['is read around brackets and ports', '10.0.0.1', '[2001:db8::9]:4711', '2001:db8::9'],
    ['is read around brackets', '10.0.0.1', '[2001:db8::9]', '2001:db8::9'],
    ['is one, however it is written', '10.0.0.1', '2001:DB8:0:0:0:0:0:9', '2001:db8::9'],
    ['has no zone', 'fe80::9%eth0', null, 'fe80::9'],
    ['is an IPv4 address where it is mapped', '::ffff:203.0.113.9', null, '203.0.113.9'],
    ['is an IPv4 address where it is mapped in hex', '10.0.0.1', '::FFFF:cb00:7109', '203.0.113.9'],
    ['is no number', '10.0.0.1', '3405803785', '10.0.0.1'],
    ['is no text with an address in it', '10.0.0.1', 'for=203.0.113.9', '10.0.0.1'],
  ])('%s', (_, peer, forwarded, expected) => {
    expect(clientOf(peer, forwarded).address).toBe(expected);
  });

  test('is that of its connection where no proxy is trusted', () => {
    expect(clientOf('10.0.0.1', '203.0.113.9', []).address).toBe('10.0.0.1');
  });

  test('is unknown for a request that was not noted', () => {
    const addresses = createClientAddresses(PROXIES);
    const request = new Request('http://gateway/graphql');
    expect([addresses.of(request), addresses.groupOf(request)]).toEqual(['', '']);
  });
});

describe('a client counts', () => {
  test.each([
    ['203.0.113.9', '203.0.113.9'],
    ['::ffff:203.0.113.9', '203.0.113.9'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8:1:2::', '2001:db8:1:2::/64'],
    ['2001:db8:1:2:ffff::1', '2001:db8:1:2::/64'],
    ['2001:db8:1::1', '2001:db8:1:0::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['::', '0:0:0:0::/64'],
    ['', ''],
  ])('%s as %s', (peer, group) => {
    expect(clientOf(peer, null).group).toBe(group);
  });
});

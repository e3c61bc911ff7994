import { describe, expect, test } from 'vitest';
import { silentPeersOf, toConnectionName } from '../../src/server/lifecycle/silent-peers-of.ts';

/** A table with one connection of port 4000, to port 54321 of this address, as a little-endian machine shows it. */
const tableOf = (
  timer: string,
  retransmits: string,
  address = '0200000A',
) => `  sl  local_address rem_address   st
   0: 0100000A:0FA0 ${address}:D431 01 00000003:00000000 ${timer}:00000A2B ${retransmits}     0        0 1 1 0 20 4 30 10 -1
`;

describe('a connection is silent', () => {
  test.each([
    ['sends again for the fourth time', '01', '00000004', true],
    ['sends again for the twentieth time', '01', '00000014', true],
    ['sends again for the third time', '01', '00000003', false],
    ['has nothing to wait for', '00', '00000000', false],
    ['waits for a reader that is full', '04', '00000008', false],
    ['is probed', '02', '00000008', false],
  ])('when it %s (timer %s, %s): %s', (_, timer, retransmits, isSilent) => {
    expect(silentPeersOf(tableOf(timer, retransmits))).toEqual(isSilent ? ['4000 10.0.0.2 54321'] : []);
  });
});

test('a table that is not there, empty or of another form names nobody', () => {
  expect(['', 'sl', 'sl\n\n', 'sl\nwhat is this'].flatMap(silentPeersOf)).toEqual([]);
});

describe('a connection has one name, in the table and at the socket', () => {
  test.each([
    ['10.0.0.2', '0000000000000000FFFF00000200000A'],
    ['::ffff:10.0.0.2', '0200000A'],
    ['2001:db8::1', 'B80D0120000000000000000001000000'],
    ['fe80::1%eth0', '000080FE000000000000000001000000'],
  ])('%s', (address, shown) => {
    expect(silentPeersOf(tableOf('01', '00000004', shown))).toEqual([toConnectionName(4000, address, 54321)]);
  });
});

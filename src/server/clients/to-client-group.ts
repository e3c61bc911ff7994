import { isIP } from 'node:net';

/** How many of the eight parts of an IPv6 address name its network. */
const NETWORK_PARTS = 4;

/**
 * The addresses that count as one client: an IPv4 address by itself, and an IPv6 address with its whole network of 64
 * bits, since providers give each customer at least that. Any other text stands for itself.
 */
export function toClientGroup(address: string): string {
  if (isIP(address) !== 6) return address;
  const [start = '', end = ''] = address.split('::');
  const [first, last] = [partsOf(start), partsOf(end)];
  const zeros = Array<string>(8 - first.length - last.length).fill('0');
  return `${[...first, ...zeros, ...last].slice(0, NETWORK_PARTS).join(':')}::/64`;
}

function partsOf(half: string): readonly string[] {
  return half === '' ? [] : half.split(':');
}

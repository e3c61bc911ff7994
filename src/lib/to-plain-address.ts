import { isIP, SocketAddress } from 'node:net';

/** What stands before an IPv4 address that is mapped into IPv6, as systems write it. */
const MAPPED = '::ffff:';

/**
 * Writes an IP address in its shortest form, without zone, and a mapped IPv4 address as what it is. Null if it is no
 * address.
 */
export function toPlainAddress(text: string): string | null {
  const version = isIP(text);
  if (version !== 6) return version === 4 ? text : null;
  // Most peers have such an address. It needs no parsing, which is slow.
  const mapped = toMapped(text);
  if (mapped !== null) return mapped;
  const { address } = new SocketAddress({ address: text, family: 'ipv6' });
  return toMapped(address) ?? address;
}

/** The IPv4 address that is mapped into this one, or null. */
function toMapped(address: string): string | null {
  if (!address.startsWith(MAPPED)) return null;
  const text = address.slice(MAPPED.length);
  return isIP(text) === 4 ? text : null;
}

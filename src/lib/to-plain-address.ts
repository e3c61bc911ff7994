import { isIP, SocketAddress } from 'node:net';

/** An IPv4 address that is mapped into IPv6. */
const MAPPED = /^::ffff:(?=\d+\.)/;

/**
 * Writes an IP address in its shortest form, without zone, and a mapped IPv4 address as what it is. Null if it is no
 * address.
 */
export function toPlainAddress(text: string): string | null {
  if (isIP(text) !== 6) return isIP(text) === 4 ? text : null;
  return new SocketAddress({ address: text, family: 'ipv6' }).address.replace(MAPPED, '');
}

import { BlockList, isIP } from 'node:net';

/** Knows the address of the client of each request. */
export interface ClientAddresses {
  /** Remembers where a request came from: the address of its connection, and its `X-Forwarded-For`. */
  note(request: Request, peer: string | undefined): void;
  /** The address, or an empty text where nobody knows it. */
  of(request: Request): string;
}

/**
 * Makes the addresses of a gateway behind these proxies. Of `X-Forwarded-For`, which anybody can write, the last address
 * that is not a trusted proxy counts, and only if the connection comes from one.
 *
 * @param trustedProxies addresses and networks, such as `10.0.0.0/8`.
 */
export function createClientAddresses(trustedProxies: readonly string[]): ClientAddresses {
  const addresses = new WeakMap<Request, string>();
  const isTrusted = createTrust(trustedProxies);
  return {
    note(request, peer) {
      const forwarded = (request.headers.get('x-forwarded-for') ?? '').split(',').map((text) => text.trim());
      const path = [...forwarded, peer ?? ''].map(toPlainAddress);
      const client = path.findLast((address) => !isTrusted(address)) ?? path[0] ?? '';
      // A proxy that forwards something else than an address is taken for the client.
      addresses.set(request, isIP(client) === 0 ? toPlainAddress(peer ?? '') : client);
    },
    of: (request) => addresses.get(request) ?? '',
  };
}

function createTrust(networks: readonly string[]): (address: string) => boolean {
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', prefix] = network.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    list.addSubnet(address, Number(prefix ?? (family === 'ipv6' ? 128 : 32)), family);
  }
  return (address) => {
    const family = isIP(address);
    return family !== 0 && list.check(address, family === 6 ? 'ipv6' : 'ipv4');
  };
}

/** Writes an IPv4 address that is mapped into IPv6 as what it is. */
function toPlainAddress(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, '');
}

import { BlockList, isIP, SocketAddress } from 'node:net';
import { toClientGroup } from './to-client-group.ts';

/** Knows the address of the client of each request. */
export interface ClientAddresses {
  /** Remembers where a request came from: the address of its connection, and its `X-Forwarded-For`. */
  note(request: Request, peer: string | undefined): void;
  /** The address in its shortest form, or an empty text where nobody knows it. */
  of(request: Request): string;
  /** All addresses that count as the one client: see `toClientGroup`. Empty where nobody knows the address. */
  groupOf(request: Request): string;
}

/**
 * Makes the addresses of a gateway behind these proxies. `X-Forwarded-For` can be written by anybody, so it is read from
 * its end, and each address in it is only believed where a trusted proxy stands behind it.
 *
 * @param trustedProxies addresses and networks, such as `10.0.0.0/8`.
 */
export function createClientAddresses(trustedProxies: readonly string[]): ClientAddresses {
  const addresses = new WeakMap<Request, string>();
  const isTrusted = createTrust(trustedProxies);
  const of = (request: Request) => addresses.get(request) ?? '';
  return {
    note(request, peer = '') {
      const hops = (request.headers.get('x-forwarded-for') ?? '').split(',');
      let client = toPlainAddress(peer) ?? '';
      for (let hop = hops.pop(); hop !== undefined && isTrusted(client); hop = hops.pop()) {
        const address = toPlainAddress(hop.trim());
        // A proxy that forwards something else than an address is taken for the client.
        if (address === null) break;
        client = address;
      }
      addresses.set(request, client);
    },
    of,
    groupOf: (request) => toClientGroup(of(request)),
  };
}

function createTrust(networks: readonly string[]): (address: string) => boolean {
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', prefix] = network.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    list.addSubnet(address, Number(prefix ?? (family === 'ipv6' ? 128 : 32)), family);
  }
  return (address) => address !== '' && list.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
}

/** An IPv4 address that is mapped into IPv6, or one behind `[ ]:`, with a port or a zone. */
const MAPPED = /^::ffff:(?=\d+\.)/;
const IPV4_WITH_PORT = /^([\d.]+):\d+$/;
const IN_BRACKETS = /^\[(.*)\](?::\d+)?$/;

/** Writes an address in its shortest form, without port and zone, and a mapped IPv4 address as what it is. */
function toPlainAddress(text: string): string | null {
  const bare = text.replace(IPV4_WITH_PORT, '$1').replace(IN_BRACKETS, '$1');
  if (isIP(bare) !== 6) return isIP(bare) === 4 ? bare : null;
  return new SocketAddress({ address: bare, family: 'ipv6' }).address.replace(MAPPED, '');
}

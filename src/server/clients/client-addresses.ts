import { BlockList, isIP } from 'node:net';
import { toPlainAddress } from '../../lib/to-plain-address.ts';
import { toClientGroup } from './to-client-group.ts';

/** Knows the address of the client of each request. */
export interface ClientAddresses {
  /** Where a request with these headers came from, over a connection from this peer: see `of`. */
  find(headers: Pick<Headers, 'get'>, peer: string | undefined): string;
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
  const find: ClientAddresses['find'] = (headers, peer = '') => {
    let client = toPlainAddress(withoutPort(peer)) ?? '';
    const forwarded = headers.get('x-forwarded-for');
    if (forwarded === null) return client;
    const hops = forwarded.split(',');
    for (let hop = hops.pop(); hop !== undefined && isTrusted(client); hop = hops.pop()) {
      const address = toPlainAddress(withoutPort(hop.trim()));
      // A proxy that forwards something else than an address is taken for the client.
      if (address === null) break;
      client = address;
    }
    return client;
  };
  return {
    find,
    note: (request, peer) => void addresses.set(request, find(request.headers, peer)),
    of,
    groupOf: (request) => toClientGroup(of(request)),
  };
}

function createTrust(networks: readonly string[]): (address: string) => boolean {
  if (networks.length === 0) return () => false;
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', prefix] = network.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    list.addSubnet(address, Number(prefix ?? (family === 'ipv6' ? 128 : 32)), family);
  }
  return (address) => address !== '' && list.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
}

/** An address with a port, as proxies write it. */
const IPV4_WITH_PORT = /^([\d.]+):\d+$/;
const IN_BRACKETS = /^\[(.*)\](?::\d+)?$/;

function withoutPort(text: string): string {
  if (isIP(text) !== 0) return text;
  return text.replace(IPV4_WITH_PORT, '$1').replace(IN_BRACKETS, '$1');
}

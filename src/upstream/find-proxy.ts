import type { UpstreamConfig } from '../config/config.ts';

/** The proxy through which an address is reached, or null where it is reached without one. */
export function findProxy({ protocol, hostname, port }: URL, proxy: UpstreamConfig['proxy']): URL | null {
  const address = protocol === 'https:' ? (proxy.https ?? proxy.http) : proxy.http;
  if (address === null) return null;
  const host = { hostname, port: port || DEFAULT_PORTS[protocol] };
  return proxy.except.split(/[,\s]+/).some((exception) => isMatch(exception, host)) ? null : new URL(address);
}

/** The ports of addresses that name none. */
export const DEFAULT_PORTS: Readonly<Record<string, string>> = { 'http:': '80', 'https:': '443' };

/** Reads an entry of `NO_PROXY` as most programs do: a host, which stands for those below it too, maybe with a port, or `*`. */
function isMatch(exception: string, host: { readonly hostname: string; readonly port: string | undefined }) {
  const [, name = '', port = host.port] = /^(?:\*?\.)?(.*?)(?::(\d+))?$/.exec(exception.toLowerCase()) ?? [];
  if (name === '' || port !== host.port) return false;
  return name === '*' || host.hostname === name || host.hostname.endsWith(`.${name}`);
}

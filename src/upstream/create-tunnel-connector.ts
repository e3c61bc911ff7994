import { request } from 'node:http';
import type { Socket } from 'node:net';
import buildConnector from 'undici/lib/core/connect.js';
import errors from 'undici/lib/core/errors.js';
import type { Clock } from '../lib/clock.ts';
import { TracelessError } from '../lib/traceless-error.ts';
import { DEFAULT_PORTS } from './find-proxy.ts';

export interface TunnelOptions {
  /** The proxy, with the credentials for it. */
  readonly proxy: URL;
  /** How long it may take in all to connect, in milliseconds. */
  readonly timeoutMs: number;
  readonly clock: Pick<Clock, 'now' | 'schedule'>;
}

/** Why a proxy opened no way. The message is the code of a fault, or what the proxy answered. */
export class ProxyError extends TracelessError {
  override readonly name = 'ProxyError';
}

/**
 * Makes what connects undici's clients through a proxy (RFC 9110, section 9.3.6), also for `http:`, so that the proxy is told no key
 * where upstream has TLS. That of undici's `ProxyAgent` has no bound for what the proxy does, and connects again without end if the
 * proxy hangs up.
 *
 * Certificates are always checked, that of the proxy as well. A connection fails with a {@link ProxyError}, with undici's
 * `ConnectTimeoutError`, or with the fault of TLS with upstream.
 */
export function createTunnelConnector({ proxy, timeoutMs, clock }: TunnelOptions): buildConnector.connector {
  const checked = { timeout: timeoutMs, rejectUnauthorized: true };
  const connectToProxy = buildConnector(checked);
  const connectToUpstream = buildConnector(checked);
  const { protocol, host, port } = proxy;
  const hostname = proxy.hostname.replace(/^\[(.*)\]$/, '$1');
  const authorization = toAuthorization(proxy);

  async function open(target: buildConnector.Options): Promise<Socket> {
    const startedAtMs = clock.now();
    const socket = await connect(connectToProxy, { protocol, hostname, host, port }).catch((error) => {
      throw toProxyError(error);
    });
    let cancel = () => {};
    const late = new Promise<never>((_, reject) => {
      const leftMs = timeoutMs - (clock.now() - startedAtMs);
      cancel = clock.schedule(leftMs, () => reject(new errors.ConnectTimeoutError()));
    });
    try {
      return await Promise.race([late, goThrough(socket, target)]);
    } catch (error) {
      socket.destroy();
      throw error;
    } finally {
      cancel();
    }
  }

  async function goThrough(socket: Socket, target: buildConnector.Options): Promise<Socket> {
    await askForTunnel(socket, toAuthority(target), authorization);
    return target.protocol === 'https:'
      ? connect(connectToUpstream, { ...target, httpSocket: socket })
      : socket;
  }

  return (target, callback) => {
    open(target).then(
      (socket) => callback(null, socket),
      (error) => callback(error, null),
    );
  };
}

function connect(connector: buildConnector.connector, target: buildConnector.Options): Promise<Socket> {
  return new Promise((resolve, reject) => {
    connector(target, (...[error, socket]) => {
      if (error === null) resolve(socket);
      else reject(error);
    });
  });
}

/** Asks the proxy at the other end of a socket for a way. From then on the socket leads to `authority`. */
function askForTunnel(
  socket: Socket,
  authority: string,
  authorization: Readonly<Record<string, string>>,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const ask = request({
      method: 'CONNECT',
      path: authority,
      headers: { host: authority, connection: 'keep-alive', ...authorization },
      createConnection: () => socket,
    });
    // Any answer comes here, also one that refuses.
    ask.on('connect', ({ statusCode = 0 }, _, head) => {
      if (statusCode < 200 || statusCode > 299) {
        reject(new ProxyError(`HTTP ${statusCode}`));
        return;
      }
      socket.unshift(head);
      resolve();
    });
    ask.on('error', (error) => reject(toProxyError(error)));
    ask.end();
  });
}

function toProxyError(error: NodeJS.ErrnoException): Error {
  if (error instanceof errors.ConnectTimeoutError) return error;
  return new ProxyError(error.code ?? 'no known cause');
}

function toAuthority({ hostname, port, protocol }: buildConnector.Options): string {
  const host = hostname.includes(':') ? `[${hostname}]` : hostname;
  return `${host}:${port || DEFAULT_PORTS[protocol]}`;
}

function toAuthorization({ username, password }: URL): Readonly<Record<string, string>> {
  if (username === '' && password === '') return {};
  const credentials = Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`);
  return { 'proxy-authorization': `Basic ${credentials.toString('base64')}` };
}

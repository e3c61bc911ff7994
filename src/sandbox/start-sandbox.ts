import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { FaultKey } from './fault-keys.ts';
import { createSandbox, type SandboxOptions } from './sandbox.ts';
import type { SandboxKey } from './sandbox-keys.ts';

// The package exports this file: these are the types that its users name.
export type { FaultKey } from './fault-keys.ts';
export type { RateLimit } from './rate-limiter.ts';
export type { SandboxKey } from './sandbox-keys.ts';

/** What a sandbox server is made from. */
export interface SandboxServerOptions extends SandboxOptions {
  /**
   * The port to listen on; 0 takes a free one.
   * @default 0
   */
  readonly port?: number;
  /**
   * The address to listen on.
   * @default '127.0.0.1'
   */
  readonly host?: string;
}

/** A sandbox that listens. */
export interface SandboxServer {
  /** The base URL of the API, without a slash at its end: `http://127.0.0.1:4001/api/v1`. */
  readonly url: string;
  /** The keys that the sandbox accepts. */
  readonly keys: readonly SandboxKey[];
  /** The keys whose requests go wrong. They are accepted too. */
  readonly faultKeys: readonly FaultKey[];
  /** Stops listening and drops all connections. May be called again. */
  close(): Promise<void>;
}

const BASE_PATH = '/api/v1';

/** Starts a sandbox on a port. Rejects where it cannot listen there. */
export async function startSandbox(options: SandboxServerOptions = {}): Promise<SandboxServer> {
  const { port = 0, host = '127.0.0.1', ...sandboxOptions } = options;
  const sandbox = createSandbox(sandboxOptions);

  const server = createServer((request, response) => {
    const { method = 'GET', url = '/', headers } = request;
    const path = url.startsWith(`${BASE_PATH}/`) ? url.slice(BASE_PATH.length) : '/';
    const answer = sandbox.handle({ method, path, headers });
    request.resume();
    const send = () => response.writeHead(answer.status, answer.headers).end(answer.body);
    if (answer.delayMs === 0) {
      send();
      return;
    }
    const timer = setTimeout(send, answer.delayMs);
    response.once('close', () => clearTimeout(timer));
  });
  server.listen(port, host);
  await once(server, 'listening');

  const address = server.address() as AddressInfo;
  const hostname = address.family === 'IPv6' ? `[${address.address}]` : address.address;
  return {
    url: `http://${hostname}:${address.port}${BASE_PATH}`,
    keys: sandbox.keys,
    faultKeys: sandbox.faultKeys,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

import { once } from 'node:events';
import {
  type AddressInfo,
  connect,
  createServer as createTcpServer,
  type Server,
  type Socket,
} from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { onTestFinished } from 'vitest';
import { certificate } from './certificate.ts';
import { createWaiters } from './create-waiters.ts';

/** A proxy that clients ask for ways to servers. */
export interface Proxy {
  readonly url: string;
  readonly port: number;
  /** What it was asked, in order. */
  readonly heads: readonly string[];
  /** Resolves once it was asked so many times. */
  asked(count: number): Promise<void>;
  /** Resolves once no connection to it is open. */
  allClosed(): Promise<void>;
  /** Listens no more. */
  stop(): void;
}

/**
 * Starts a proxy that does this once it was asked for a way. It ends with the test.
 *
 * @param act By default it leads on to where the client wants to go.
 */
export async function startProxy(
  act: (client: Socket, head: string) => void = leadOn,
  protocol: 'http' | 'https' = 'http',
): Promise<Proxy> {
  const heads: string[] = [];
  const sockets = new Set<Socket>();
  const { tell, until } = createWaiters();
  const onClient = (client: Socket) => {
    sockets.add(client);
    client.on('error', () => {});
    client.on('close', () => {
      sockets.delete(client);
      tell();
    });
    client.once('data', (bytes) => {
      heads.push(String(bytes));
      act(client, String(bytes));
      tell();
    });
  };
  const server: Server =
    protocol === 'http' ? createTcpServer(onClient) : createTlsServer(certificate, onClient);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `${protocol}://127.0.0.1:${port}`,
    port,
    heads,
    asked: (count) => until(() => heads.length >= count),
    allClosed: () => until(() => sockets.size === 0),
    stop: () => void server.close(),
  };
}

function leadOn(client: Socket, head: string): void {
  const [, port] = /^CONNECT 127\.0\.0\.1:(\d+) HTTP\/1\.1\r\n/.exec(head) ?? [];
  const server = connect(Number(port), '127.0.0.1', () => {
    client.write('HTTP/1.1 200 Connection Established\r\n\r\n');
    server.pipe(client).pipe(server);
  });
  client.on('close', () => server.destroy());
  server.on('error', () => client.destroy());
}

import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { createWaiters } from './create-waiters.ts';

/** A request as it came over one of the connections. */
export interface SocketRequest {
  /** The number of the connection, from 1 in the order in which they were opened. */
  readonly connection: number;
  readonly path: string;
  readonly key: string;
  /** Writes a whole response with this JSON body. Whoever calls it twice sends one response too many. */
  respond(body: unknown): void;
  /** Closes the connection. */
  hangUp(): void;
}

export interface SocketUpstream {
  /** The base address, without a slash at its end. */
  readonly url: string;
  /** All that was asked, in order. */
  readonly requests: readonly SocketRequest[];
  /** How many connections are open. */
  readonly openCount: () => number;
  /** Resolves once this holds. It is looked at whenever a request comes, and a connection opens or closes. */
  until(isReached: () => boolean): Promise<void>;
  close(): Promise<void>;
}

/** Starts an upstream on loopback that shows its connections, and that need not keep to HTTP. */
export async function startSocketUpstream(
  onRequest: (request: SocketRequest) => void,
): Promise<SocketUpstream> {
  const requests: SocketRequest[] = [];
  const sockets = new Set<Socket>();
  const { tell, until } = createWaiters();
  let count = 0;
  const server = createServer((socket) => {
    count += 1;
    const connection = count;
    sockets.add(socket);
    socket.on('close', () => {
      sockets.delete(socket);
      tell();
    });
    tell();
    socket.on('error', () => {});
    // Nobody but the gateway may keep the process alive.
    socket.unref();
    let text = '';
    socket.on('data', (chunk) => {
      text += String(chunk);
      // A GET request ends with its head.
      for (let end = text.indexOf('\r\n\r\n'); end !== -1; end = text.indexOf('\r\n\r\n')) {
        const head = text.slice(0, end);
        text = text.slice(end + 4);
        const request = toRequest(head, connection, socket);
        requests.push(request);
        onRequest(request);
        tell();
      }
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    openCount: () => sockets.size,
    until,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function toRequest(head: string, connection: number, socket: Socket): SocketRequest {
  return {
    connection,
    path: /^GET (\S+)/.exec(head)?.[1] ?? '',
    key: /^x-api-key: (.*)$/im.exec(head)?.[1] ?? '',
    respond(body) {
      const text = JSON.stringify(body);
      socket.write(
        `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(text)}\r\n\r\n${text}`,
      );
    },
    hangUp: () => socket.destroy(),
  };
}

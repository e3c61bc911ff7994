import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A way to a server of the tests, which sees what passes and can be closed. */
export interface TcpProxy {
  readonly port: number;
  /** All that passed, in both directions. */
  readonly bytes: readonly Buffer[];
  /** When something came back over a connection that hears no bells: times of `performance.now`, in order. */
  readonly repliesAtMs: readonly number[];
  /** Closes all connections, and each that is opened until `mend`. */
  cut(): void;
  /** Lets nothing pass any more until `mend`, and closes nothing. */
  stall(): void;
  mend(): void;
  close(): Promise<void>;
}

/** Opens a way on loopback to this port of it. */
export async function startTcpProxy(targetPort: number): Promise<TcpProxy> {
  const bytes: Buffer[] = [];
  const repliesAtMs: number[] = [];
  const sockets = new Set<Socket>();
  let state: 'open' | 'cut' | 'stalled' = 'open';

  const adopt = (socket: Socket) => {
    sockets.add(socket);
    if (state === 'stalled') socket.pause();
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
  };

  const server = createServer((client) => {
    if (state === 'cut') {
      client.destroy();
      return;
    }
    const target = connect(targetPort, '127.0.0.1');
    let hearsBells = false;
    for (const socket of [client, target]) adopt(socket);
    client.on('data', (chunk) => {
      bytes.push(chunk);
      hearsBells ||= chunk.includes('subscribe');
      target.write(chunk);
    });
    target.on('data', (chunk) => {
      bytes.push(chunk);
      if (!hearsBells) repliesAtMs.push(performance.now());
      client.write(chunk);
    });
    client.on('close', () => target.destroy());
    target.on('close', () => client.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const closeAll = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    port: (server.address() as AddressInfo).port,
    bytes,
    repliesAtMs,
    cut() {
      state = 'cut';
      closeAll();
    },
    stall() {
      state = 'stalled';
      for (const socket of sockets) socket.pause();
    },
    mend() {
      state = 'open';
      for (const socket of sockets) socket.resume();
    },
    async close() {
      closeAll();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

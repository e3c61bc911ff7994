import { type IncomingMessage, request, type Server } from 'node:http';
import { type Duplex, duplexPair } from 'node:stream';

export interface SentOperation {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Aborts when the client goes away. */
  readonly signal?: AbortSignal | undefined;
  /** The address that the connection comes from. @default an unknown one */
  readonly address?: string | undefined;
}

/** Sends an operation to a server that need not listen, over a connection of its own. Gives the answer once it begins. */
export function sendInMemory(
  server: Server,
  { headers, body, signal, address }: SentOperation,
): Promise<IncomingMessage> {
  const options = {
    method: 'POST',
    path: '/graphql',
    headers: { host: 'gateway', 'content-length': Buffer.byteLength(body), ...headers },
    ...(signal === undefined ? {} : { signal }),
    createConnection: () => connectInMemory(server, address),
  };
  return new Promise((resolve, reject) => {
    request(options).on('response', resolve).on('error', reject).end(body);
  });
}

/** Connects to a server without sockets, from this address. Like those, each side closes when the other one does. */
function connectInMemory(server: Server, remoteAddress: string | undefined): Duplex {
  // Nothing is taken ahead of who reads, so that slow readers are slow.
  const [client, accepted] = duplexPair({ highWaterMark: 1 });
  // Node 24 tells the other side, too, but not that it was left.
  client._destroy = (error, done) => {
    accepted.destroy(client.readableEnded ? undefined : new ResetError());
    done(error);
  };
  accepted._destroy = (error, done) => {
    if (!accepted.writableFinished) client.destroy();
    done(error);
  };
  // Node tells a socket for how long it may be idle, by the real clock.
  const setTimeout = () => accepted;
  server.emit('connection', Object.assign(accepted, { remoteAddress, setTimeout }));
  return client;
}

/** What a socket says whose client has left. */
class ResetError extends Error {
  readonly code = 'ECONNRESET';
}

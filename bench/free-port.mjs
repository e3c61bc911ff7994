import { once } from 'node:events';
import { createServer } from 'node:net';

/** Below those that systems give to outgoing connections: one of these could take the port before the server does. */
const FIRST = 20_000;
const COUNT = 10_000;

/** A port that nobody listens on: a server that logs nothing could not tell which one it chose. */
export async function findFreePort() {
  const port = FIRST + Math.floor(Math.random() * COUNT);
  const server = createServer().listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch {
    return findFreePort();
  }
  server.close();
  await once(server, 'close');
  return port;
}

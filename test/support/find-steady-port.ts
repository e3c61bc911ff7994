import { once } from 'node:events';
import { createServer } from 'node:net';

/** Systems give ports above these to whoever asks for any. */
const [FIRST, COUNT] = [20_000, 10_000];

/**
 * Finds a port of 127.0.0.1 for a program that is to come back to it. It is free, and no connection that is opened
 * meanwhile gets it from the system.
 */
export async function findSteadyPort(): Promise<string> {
  for (;;) {
    const port = FIRST + Math.floor(Math.random() * COUNT);
    if (await isFree(port)) return String(port);
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, '127.0.0.1');
  const isListening = await once(server, 'listening').then(
    () => true,
    () => false,
  );
  if (isListening) await new Promise((resolve) => server.close(resolve));
  return isListening;
}

import { createClient } from '@redis/client';
import type { Clock } from '../../lib/clock.ts';
import { withDeadline } from './with-deadline.ts';

/** A connection to the server that can be used. It ends once, and never comes back. */
export type Connection = ReturnType<typeof createConnection>;

/** How long it may take until a connection can be used. */
const CONNECT_MS = 2000;

/**
 * Opens one connection, and calls `onEnd` when it ended after that. Rejects if it cannot be used within two seconds.
 *
 * Whoever wants to come back opens another one: the client's own way never gives up a server that accepts connections and then
 * says nothing. Nothing waits within the client while it is not connected (`disableOfflineQueue`), and deadlines are the
 * caller's: the client's own one does not cover commands that are written already, and costs a signal for each.
 */
export async function openConnection(url: string, clock: Clock, onEnd: () => void): Promise<Connection> {
  const connection = createConnection(url);
  // Without a listener an error would end the process. What it was about is told by what rejects.
  connection.on('error', () => {});
  try {
    await withDeadline(connection.connect(), CONNECT_MS, clock);
  } catch (error) {
    connection.destroy();
    throw error;
  }
  connection.on('terminated', onEnd);
  return connection;
}

function createConnection(url: string) {
  return createClient({
    url,
    name: 'qbraid-graphql-gateway',
    RESP: 3,
    disableOfflineQueue: true,
    disableClientInfo: true,
    maintNotifications: 'disabled',
    commandOptions: { timeout: 0 },
    socket: { connectTimeout: CONNECT_MS, reconnectStrategy: false },
  });
}

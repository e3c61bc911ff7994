import { readFile } from 'node:fs/promises';
import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Clock } from '../../lib/clock.ts';
import { silentPeersOf, toConnectionName } from './silent-peers-of.ts';

export interface SilentPeerOptions {
  readonly clock: Clock;
  /** How often to read the tables of the system, in milliseconds. */
  readonly intervalMs: number;
}

/** The tables of TCP connections. Only Linux has them. */
const TABLES = ['/proc/net/tcp', '/proc/net/tcp6'];

/**
 * Closes the connections of clients that vanished without closing them, soon after something was sent to them. Works on
 * Linux only: other systems do not show such connections. Returns a function that stops it.
 */
export function dropSilentPeers(server: Server, { clock, intervalMs }: SilentPeerOptions): () => void {
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  let isEnded = false;
  let cancel = clock.schedule(intervalMs, look);

  async function look(): Promise<void> {
    const silent = new Set(sockets.size > 0 ? await readSilentPeers() : []);
    for (const socket of sockets) {
      const { localPort = 0, remoteAddress = '', remotePort = 0 } = socket;
      if (silent.has(toConnectionName(localPort, remoteAddress, remotePort))) socket.destroy();
    }
    if (!isEnded) cancel = clock.schedule(intervalMs, look);
  }

  return () => {
    isEnded = true;
    cancel();
  };
}

async function readSilentPeers(): Promise<readonly string[]> {
  const tables = await Promise.all(TABLES.map((path) => readFile(path, 'latin1').catch(() => '')));
  return tables.flatMap(silentPeersOf);
}

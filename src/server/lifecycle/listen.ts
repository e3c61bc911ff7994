import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * Listens there.
 *
 * @throws the error of the system if that cannot be (`EADDRINUSE`, `EACCES`, …).
 */
export function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

/** The address of a server that listens. */
export function addressOf(server: Server): string {
  const { address, family, port } = server.address() as AddressInfo;
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
}

import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createGateway, type GatewayOptions } from './create-gateway.ts';
import { dropSilentPeers } from './drop-silent-peers.ts';

/** A gateway that listens. */
export interface RunningGateway {
  /** The address of the GraphQL endpoint. */
  readonly url: string;
  /** Accepts no more requests, answers the requests in flight, and ends. */
  close(): Promise<void>;
}

/** How long the requests in flight may take once the gateway closes, in milliseconds. */
const DRAIN_MS = 10_000;

/**
 * Starts the gateway on `config.host` and `config.port`.
 *
 * @throws the error of the system if the gateway cannot listen there (`EADDRINUSE`, `EACCES`, …).
 */
export async function startGateway(options: GatewayOptions): Promise<RunningGateway> {
  const { config, clock } = options;
  const gateway = createGateway(options);
  // The probes of the system find a client that vanished, but only while no sent bytes are unacknowledged.
  const server = createServer({ keepAlive: true, keepAliveInitialDelay: 1000 }, gateway.yoga);
  const endLooks = dropSilentPeers(server, { clock, intervalMs: config.streams.keepaliveMs / 4 });
  let isClosing = false;
  server.on('request', (_, response) => {
    // Clients keep their connections for later requests. While the gateway closes, each one ends with its answer.
    response.once('close', () => isClosing && server.closeIdleConnections());
  });
  await listen(server, config.port, config.host);
  return {
    url: `${addressOf(server)}/graphql`,
    async close() {
      isClosing = true;
      gateway.endStreams();
      const cancelFuse = clock.schedule(DRAIN_MS, () => server.closeAllConnections());
      await new Promise((resolve) => {
        server.close(resolve);
        server.closeIdleConnections();
      });
      cancelFuse();
      endLooks();
      await gateway.close();
    },
  };
}

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function addressOf(server: Server): string {
  const { address, family, port } = server.address() as AddressInfo;
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
}

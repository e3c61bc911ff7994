import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createGateway, type GatewayOptions } from './create-gateway.ts';
import { dropSilentPeers } from './drop-silent-peers.ts';

/** A gateway that listens. */
export interface RunningGateway {
  /** The address of the GraphQL endpoint. */
  readonly url: string;
  /** Takes no more requests, answers those that are under way, and ends. */
  close(): Promise<void>;
}

/** How long requests under way may take to end once the gateway closes, in milliseconds. */
const DRAIN_MS = 10_000;

/**
 * Starts the gateway on `config.host` and `config.port`.
 *
 * @throws the system's error where it cannot listen there (`EADDRINUSE`, `EACCES`, …).
 */
export async function startGateway(options: GatewayOptions): Promise<RunningGateway> {
  const { config, clock } = options;
  const gateway = createGateway(options);
  // Who vanishes without a goodbye is found by the system's probes, unless something was sent to him since.
  const server = createServer({ keepAlive: true, keepAliveInitialDelay: 1000 }, gateway.yoga);
  const endLooks = dropSilentPeers(server, { clock, intervalMs: config.sseKeepaliveMs / 4 });
  let isClosing = false;
  server.on('request', (_, response) => {
    // Clients keep their connections for later requests: of a gateway that closes, each ends with its answer.
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

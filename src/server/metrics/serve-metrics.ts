import { createServer } from 'node:http';
import type { Registry } from 'prom-client';
import type { Logger } from '../../lib/logger.ts';
import { addressOf, listen } from '../lifecycle/listen.ts';

export interface MetricsServerOptions {
  readonly registry: Registry;
  readonly host: string;
  readonly port: number;
  readonly logger: Logger;
}

/** The metrics on a socket. */
export interface MetricsServer {
  /** The address to read them at. */
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Serves `/metrics`, and nothing else, on an address of its own: the world may reach the gateway, but not this.
 *
 * @throws the error of the system if it cannot listen there.
 */
export async function serveMetrics(options: MetricsServerOptions): Promise<MetricsServer> {
  const { registry, host, port, logger } = options;
  const server = createServer(async ({ method, url }, response) => {
    if (method !== 'GET' || url !== '/metrics') {
      response.writeHead(404).end();
      return;
    }
    try {
      const text = await registry.metrics();
      response.writeHead(200, { 'content-type': registry.contentType }).end(text);
    } catch (err) {
      logger.error({ err }, 'the metrics could not be read');
      response.writeHead(500).end();
    }
  });
  await listen(server, port, host);
  return {
    url: `${addressOf(server)}/metrics`,
    close() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

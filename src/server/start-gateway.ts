import { blameVariable } from '../lib/blame-variable.ts';
import type { Clock } from '../lib/clock.ts';
import { createGateway, type Gateway, type GatewayOptions } from './create-gateway.ts';
import { Arrivals } from './http/arrivals.ts';
import { createHttpServer } from './http/create-http-server.ts';
import { dropSilentPeers } from './lifecycle/drop-silent-peers.ts';
import { EventLoopDelay } from './lifecycle/event-loop-delay.ts';
import { addressOf, listen } from './lifecycle/listen.ts';
import { ServerDrain } from './lifecycle/server-drain.ts';
import { startMetrics } from './metrics/start-metrics.ts';

/** A gateway that listens. */
export interface RunningGateway {
  /** The address of the GraphQL endpoint. */
  readonly url: string;
  /** The address of the metrics; null where they are off. */
  readonly metricsUrl: string | null;
  /** See `Gateway.reloadKeyRings`. */
  reloadKeyRings(): void;
  /**
   * Is not ready at once, accepts requests for `config.shutdown.delayMs` more, and then ends: completes the event
   * streams, and answers the requests in flight within `config.shutdown.timeoutMs`. Resolves with how many were cut off.
   */
  close(): Promise<number>;
}

/**
 * Starts the gateway on `config.host` and `config.port`.
 *
 * @throws the error of the system if the gateway cannot listen there (`EADDRINUSE`, `EACCES`, …).
 */
export async function startGateway(
  options: Omit<GatewayOptions, 'eventLoopDelayMs' | 'fleet'>,
): Promise<RunningGateway> {
  const { config, logger, clock } = options;
  const { delayMs, timeoutMs } = config.shutdown;
  const fleet = await joinFleet(options);
  const metrics = await startMetrics({
    config,
    logger,
    report: () => gateway.report(),
    fleetReport: fleet?.report,
  }).catch(blameVariable('METRICS_PORT'));
  const eventLoopDelay = new EventLoopDelay({ clock });
  const gateway: Gateway = createGateway({
    ...options,
    fleet: fleet?.seam,
    observers: [...(options.observers ?? []), ...metrics.observers],
    eventLoopDelayMs: () => eventLoopDelay.meanMs,
  });
  const server = createHttpServer({
    gateway,
    http: config.http,
    arrivals: new Arrivals({ clock, maxWaitMs: config.overload.maxEventLoopDelayMs }),
    logger,
    clock,
  });
  const endLooks = dropSilentPeers(server, { clock, intervalMs: config.streams.keepaliveMs / 4 });
  const drain = new ServerDrain(server, clock);
  try {
    await listen(server, config.port, config.host).catch(blameVariable('PORT'));
  } catch (error) {
    await metrics.close();
    await fleet?.close();
    throw error;
  }
  return {
    url: `${addressOf(server)}/graphql`,
    metricsUrl: metrics.url,
    reloadKeyRings: gateway.reloadKeyRings,
    async close() {
      logger.info({ delayMs, timeoutMs }, 'gateway closes');
      gateway.drain();
      drain.begin();
      if (delayMs > 0) await pass(delayMs, clock);
      gateway.endStreams();
      const cut = await drain.end(timeoutMs);
      if (cut > 0) logger.warn({ requests: cut }, 'requests were cut off: SHUTDOWN_TIMEOUT_MS is over');
      endLooks();
      eventLoopDelay.end();
      await gateway.close();
      await fleet?.close();
      await metrics.close();
      return cut;
    },
  };
}

/** The client of the server that replicas share is loaded only where there is one. */
async function joinFleet({ config, logger, clock }: Pick<GatewayOptions, 'config' | 'logger' | 'clock'>) {
  if (config.fleet === null) return null;
  const { connectFleet } = await import('../fleet/connect-fleet.ts');
  return connectFleet({ config: config.fleet, limits: config.rateLimit, clock, logger });
}

function pass(ms: number, clock: Clock): Promise<void> {
  return new Promise((resolve) => {
    clock.schedule(ms, resolve);
  });
}

import type { Config } from '../../config/config.ts';
import type { FleetReport } from '../../fleet/connect-fleet.ts';
import type { Logger } from '../../lib/logger.ts';
import type { GatewayObserver } from '../records/gateway-observer.ts';
import type { GatewayReport } from './gateway-report.ts';

export interface StartMetricsOptions {
  readonly config: Config;
  readonly logger: Logger;
  readonly report: () => GatewayReport;
  /** How the replica stands in its fleet: undefined where it is in none. */
  readonly fleetReport: (() => FleetReport) | undefined;
}

/** Metrics that are kept, and perhaps shown. */
export interface RunningMetrics {
  readonly observers: readonly GatewayObserver[];
  /** Where to read them; null for nowhere. */
  readonly url: string | null;
  close(): Promise<void>;
}

const NONE: RunningMetrics = { observers: [], url: null, close: async () => {} };

/**
 * Shows the metrics of a gateway on `config.metricsPort`. Without one, it loads nothing.
 *
 * @throws the error of the system if it cannot listen there.
 */
export async function startMetrics(options: StartMetricsOptions): Promise<RunningMetrics> {
  const { config, logger, report, fleetReport } = options;
  const { metricsPort: port, host, overload, streams } = config;
  if (port === null) return NONE;
  const [{ createMetrics }, { serveMetrics }] = await Promise.all([
    import('./create-metrics.ts'),
    import('./serve-metrics.ts'),
  ]);
  const limits = { operations: overload.maxOperationsInFlight, streams: streams.max };
  const { observer, registry } = createMetrics({ limits, report, fleetReport });
  const { url, close } = await serveMetrics({ registry, host, port, logger });
  return { observers: [observer], url, close };
}

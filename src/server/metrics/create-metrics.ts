import { collectDefaultMetrics, Registry } from 'prom-client';
import type { FleetReport } from '../../fleet/connect-fleet.ts';
import type { GatewayObserver } from '../records/gateway-observer.ts';
import { showFleet } from './fleet-metrics.ts';
import type { GatewayReport } from './gateway-report.ts';
import { observeOperations } from './operation-metrics.ts';
import { type OpenLimits, showState } from './state-metrics.ts';
import { observeUpstream } from './upstream-metrics.ts';

export interface MetricsOptions {
  readonly limits: OpenLimits;
  /** How the gateway stands. Is called for each reading. */
  readonly report: () => GatewayReport;
  /** How the replica stands in its fleet. @default it is in none */
  readonly fleetReport?: (() => FleetReport) | undefined;
}

/** The metrics of one gateway, and of its process. */
export interface Metrics {
  /** Must hear what the gateway does. */
  readonly observer: GatewayObserver;
  readonly registry: Registry;
}

/** Makes the metrics of one gateway, in a registry of its own. */
export function createMetrics({ limits, report, fleetReport }: MetricsOptions): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  showState(registry, limits, report);
  if (fleetReport !== undefined) showFleet(registry, fleetReport);
  return { observer: { ...observeOperations(registry), ...observeUpstream(registry) }, registry };
}

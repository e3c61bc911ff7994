import { Gauge, Histogram, type Registry } from 'prom-client';
import type { GatewayReport } from './gateway-report.ts';

/** What may be open at once. */
export interface OpenLimits {
  readonly operations: number;
  readonly streams: number;
}

const BREAKER_STATES = ['closed', 'half-open', 'open'] as const;

/** Shows how the gateway stands whenever somebody asks. */
export function showState(registry: Registry, limits: OpenLimits, report: () => GatewayReport): void {
  const registers = [registry];
  const gauge = (name: string, help: string, read: () => number) =>
    new Gauge({
      name: `qbraid_gateway_${name}`,
      help,
      registers,
      collect() {
        this.set(read());
      },
    });

  gauge(
    'operations_in_flight',
    'Operations that are being executed. Open streams are not in it.',
    () => report().open.operations,
  );
  gauge('operations_in_flight_limit', 'MAX_OPERATIONS_IN_FLIGHT.', () => limits.operations);
  gauge('streams_open', 'Event streams that are open.', () => report().open.streams);
  gauge('streams_open_limit', 'MAX_STREAMS.', () => limits.streams);
  gauge('pollers', 'Sets of keys that are polled with for those who watch.', () => report().pollers);
  new Gauge({
    name: 'qbraid_gateway_breaker_state',
    help: '1 for the state in which the breaker is (closed, half-open, open), 0 for the others.',
    labelNames: ['state'],
    registers,
    collect() {
      const { breaker } = report();
      for (const state of BREAKER_STATES) this.set({ state }, state === breaker ? 1 : 0);
    },
  });
  new Histogram({
    name: 'qbraid_gateway_key_budget_used_ratio',
    help: 'The keys that sent anything in the window, by the share of their request budget that they have used. It shows now, and is no counter.',
    buckets: [0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 1],
    registers,
    collect() {
      this.reset();
      this.zero({});
      for (const share of report().usedShares) this.observe(share);
    },
  });
}

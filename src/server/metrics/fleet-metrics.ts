import { Counter, Gauge, type Registry } from 'prom-client';
import type { FleetReport } from '../../fleet/connect-fleet.ts';

/** Shows how a replica stands in its fleet. */
export function showFleet(registry: Registry, report: () => FleetReport): void {
  const registers = [registry];
  new Gauge({
    name: 'qbraid_gateway_fleet_up',
    help: '1 while the server of REDIS_URL answers, 0 while this replica goes on by itself.',
    registers,
    collect() {
      this.set(Number(report().isUp));
    },
  });
  new Gauge({
    name: 'qbraid_gateway_fleet_listening',
    help: '1 while this replica hears what the others do, 0 while it asks before it shows what is cached.',
    registers,
    collect() {
      this.set(Number(report().isListening));
    },
  });
  new Counter({
    name: 'qbraid_gateway_fleet_events_total',
    help: 'What happens between replicas: a reading of another one is in the cache (applied), or cannot be opened (foreign); a request waits for that of another one (waited), or goes out uncounted by the others (alone).',
    labelNames: ['event'],
    registers,
    collect() {
      this.reset();
      for (const [event, count] of Object.entries(report().events)) this.inc({ event }, count);
    },
  });
}

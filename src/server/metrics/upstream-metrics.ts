import { Counter, Histogram, type Registry } from 'prom-client';
import type { StoreEventKind } from '../../store/store-event.ts';
import type { GatewayObserver } from '../records/gateway-observer.ts';

/** From what a near service answers to the limit of a whole exchange, in seconds. */
const DURATION_BUCKETS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** Counts requests to the qBraid API, and what became of reads. */
export function observeUpstream(registry: Registry): Pick<GatewayObserver, 'upstreamEnded' | 'jobsRead'> {
  const registers = [registry];
  const requests = new Counter({
    name: 'qbraid_gateway_upstream_requests_total',
    help: 'Requests to the qBraid API, by route, HTTP status (none without an answer) and failure (none with a usable one).',
    labelNames: ['route', 'status', 'failure'],
    registers,
  });
  const duration = new Histogram({
    name: 'qbraid_gateway_upstream_duration_seconds',
    help: 'How long requests to the qBraid API took.',
    labelNames: ['route'],
    buckets: DURATION_BUCKETS,
    registers,
  });
  const counts = new Map<string, Record<StoreEventKind, number>>();
  new Counter({
    name: 'qbraid_gateway_reads_total',
    help: 'What became of reads: the cache had it (hit, stale), another request brings it (joined), a request was sent, failed, or was not let out (refused).',
    labelNames: ['resource', 'outcome'],
    registers,
    collect() {
      this.reset();
      for (const [resource, { landed: _, ...kinds }] of counts) {
        for (const [outcome, count] of Object.entries(kinds)) this.inc({ resource, outcome }, count);
      }
    },
  });

  return {
    upstreamEnded({ route, status, failure, durationMs }) {
      requests.inc({ route, status: status ?? 'none', failure: failure ?? 'none' });
      duration.observe({ route }, durationMs / 1000);
    },
    // Called hundreds of times by one operation: it only adds.
    jobsRead({ resource, kind }) {
      let ofResource = counts.get(resource);
      if (ofResource === undefined) {
        ofResource = { hit: 0, stale: 0, joined: 0, sent: 0, landed: 0, refused: 0, failed: 0 };
        counts.set(resource, ofResource);
      }
      ofResource[kind] += 1;
    },
  };
}

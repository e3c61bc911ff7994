import type { AccessLogConfig } from '../../config/config.ts';
import type { FullLogger } from '../../lib/logger.ts';
import type { GatewayObserver } from './gateway-observer.ts';
import type { EndedRequest } from './request-record.ts';

export interface AccessLogOptions {
  readonly logger: FullLogger;
  readonly config: AccessLogConfig;
  /** Picks the operations that are logged, where not all are. */
  readonly random: () => number;
}

/** As much of a fingerprint as tells the keys of one day apart. */
const SHOWN_CHARACTERS = 8;

/**
 * Logs one line for each operation, and for each request to the GraphQL endpoint that was refused before it had one.
 * Nothing that a client sent is in it as it came.
 */
export function createAccessLog({ logger, config, random }: AccessLogOptions): GatewayObserver {
  const { level, share } = config;
  if (level === 'silent') return {};
  return {
    requestEnded(request) {
      // The playground, and what browsers ask before they send an operation.
      if (request.operation === null && !hasFailed(request)) return;
      if (!logger.isLevelEnabled(level)) return;
      if (share < 1 && !hasFailed(request) && random() >= share) return;
      logger[level](toLine(request), 'operation');
    },
  };
}

/** A stream has no other end than that its client leaves. */
function hasFailed({ errorCodes, outcome, status, events }: EndedRequest): boolean {
  const isUndelivered = outcome === 'cut' || (outcome === 'abandoned' && events === null);
  return errorCodes.size > 0 || isUndelivered || (status ?? 200) >= 400;
}

function toLine(request: EndedRequest): Readonly<Record<string, unknown>> {
  const { requestId, operation, reads, events, client } = request;
  return {
    requestId,
    ...(operation === null ? {} : { operation: operation.name ?? 'anonymous', type: operation.type }),
    outcome: request.outcome,
    status: request.status,
    durationMs: toTenths(request.durationMs),
    errors: [...request.errorCodes],
    keys: request.keys.map((fingerprint) => fingerprint.slice(0, SHOWN_CHARACTERS)),
    upstreamRequests: reads.sent,
    upstreamMs: toTenths(request.upstreamMs),
    hits: reads.hit,
    joined: reads.joined,
    stale: reads.stale,
    ...(events === null ? {} : { events }),
    clientName: client.name,
    clientVersion: client.version,
    address: request.address,
  };
}

function toTenths(ms: number): number {
  return Math.round(ms * 10) / 10;
}

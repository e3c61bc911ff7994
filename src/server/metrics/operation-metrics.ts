import { Counter, Histogram, type Registry } from 'prom-client';
import type { GatewayObserver } from '../records/gateway-observer.ts';
import type { EndedRequest } from '../records/request-record.ts';
import { BoundedNames } from './bounded-names.ts';

/** How many operations have a name of their own in labels. */
const MAX_OPERATIONS = 50;

/** Codes and limits are words of the gateway. This only makes sure of it. */
const MAX_WORDS = 50;

/** The codes of what the gateway or the qBraid API did wrong. All others a client can mend, or wait for. */
const FAULTS = new Set([
  'INTERNAL_SERVER_ERROR',
  'UPSTREAM_UNAVAILABLE',
  'UPSTREAM_INVALID_RESPONSE',
  'GATEWAY_TIMEOUT',
  'OVERLOADED',
]);

/** From what the cache answers to what an operation may take, in seconds. */
const DURATION_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** Counts operations, their errors, and what was refused before it was one. */
export function observeOperations(
  registry: Registry,
): Pick<GatewayObserver, 'requestEnded' | 'eventSent' | 'errorSent'> {
  const registers = [registry];
  const operations = new Counter({
    name: 'qbraid_gateway_operations_total',
    help: 'Operations that ended, by name, type and outcome: success, refused (errors that its sender can mend), failed (others), abandoned, cut.',
    labelNames: ['operation', 'type', 'outcome'],
    registers,
  });
  const duration = new Histogram({
    name: 'qbraid_gateway_operation_duration_seconds',
    help: 'How long operations took that were answered. Streams are not in it.',
    labelNames: ['operation'],
    buckets: DURATION_BUCKETS,
    registers,
  });
  const errors = new Counter({
    name: 'qbraid_gateway_errors_total',
    help: 'Errors in answers and events, by code.',
    labelNames: ['code'],
    registers,
  });
  const limits = new Counter({
    name: 'qbraid_gateway_limits_hit_total',
    help: 'Errors of what was more than a limit allows, by the variable that sets the limit.',
    labelNames: ['limit'],
    registers,
  });
  const refusals = new Counter({
    name: 'qbraid_gateway_http_refusals_total',
    help: 'Requests to the GraphQL endpoint that were refused before they had an operation, by HTTP status.',
    labelNames: ['status'],
    registers,
  });
  const events = new Counter({
    name: 'qbraid_gateway_stream_events_total',
    help: 'Events that subscriptions sent.',
    registers,
  });
  const names = new BoundedNames(MAX_OPERATIONS);
  const codes = new BoundedNames(MAX_WORDS);
  const limitNames = new BoundedNames(MAX_WORDS);

  return {
    eventSent: () => events.inc(),
    errorSent({ code, limit }) {
      errors.inc({ code: wordOf(codes, code) });
      if (limit !== null) limits.inc({ limit: wordOf(limitNames, limit) });
    },
    requestEnded(request) {
      const { operation, status, events } = request;
      if (operation === null) {
        if (request.errorCodes.size > 0 || (status ?? 200) >= 400) refusals.inc({ status: status ?? 'none' });
        return;
      }
      const name = nameOf(names, request);
      operations.inc({ operation: name, type: operation.type, outcome: outcomeOf(request) });
      if (events === null && status !== null)
        duration.observe({ operation: name }, request.durationMs / 1000);
    },
  };
}

/**
 * The name of an operation as a label. Anybody can send names: only an operation that read something with a key, and
 * has no error, takes one of the places.
 */
function nameOf(names: BoundedNames, { operation, reads, errorCodes }: EndedRequest): string {
  const name = operation?.name ?? null;
  if (name === null) return 'anonymous';
  if (errorCodes.size === 0 && reads.hit + reads.joined + reads.landed > 0) names.learn(name);
  return names.of(name);
}

function outcomeOf({ outcome, errorCodes }: EndedRequest): string {
  if (outcome !== 'answered') return outcome;
  if (errorCodes.size === 0) return 'success';
  return [...errorCodes].some((code) => FAULTS.has(code)) ? 'failed' : 'refused';
}

function wordOf(words: BoundedNames, text: string): string {
  if (!/^[A-Z][A-Z0-9_]{0,63}$/.test(text)) return 'other';
  words.learn(text);
  return words.of(text);
}

import type { SpanFacts } from '../lib/tracing.ts';
import type { Refusals } from './read-body.ts';

/** A route of the qBraid API, without what is asked for: what logs, metrics and traces may know. */
export interface RouteFacts {
  readonly method: 'GET' | 'POST';
  /** Its path below the base address, with names in the place of values. */
  readonly template: string;
  /** What some refusals mean here, where it is something else than on other routes. */
  readonly refusals?: Refusals;
}

/** What a 400 or 409 means where something is to be changed. */
const CONFLICT = ['conflict', 'The qBraid API does not cancel the job in its present state.'] as const;

/** The routes that the gateway uses, by the names that metrics have for them. */
export const ROUTES = {
  job: { method: 'GET', template: '/jobs/{qrn}' },
  jobs: { method: 'GET', template: '/jobs' },
  counts: { method: 'GET', template: '/jobs/statuses' },
  result: {
    method: 'GET',
    template: '/jobs/{qrn}/result',
    refusals: { 409: ['not-ready', 'The qBraid API does not have the result of the job yet.'] },
  },
  device: {
    method: 'GET',
    template: '/devices/{qrn}',
    refusals: { 404: ['not-found', 'The qBraid API knows no such device.'] },
  },
  cancel: { method: 'POST', template: '/jobs/{qrn}/cancel', refusals: { 400: CONFLICT, 409: CONFLICT } },
} as const satisfies Readonly<Record<string, RouteFacts>>;

/** The name of a route. */
export type RouteName = keyof typeof ROUTES;

/** How traces describe a request on each route. What it asks for stays out. Made once: each request has a span. */
export const SPANS = Object.fromEntries(
  Object.entries(ROUTES).map(([name, route]) => [name, toSpanFacts(route)]),
) as Readonly<Record<RouteName, SpanFacts>>;

function toSpanFacts({ method, template }: RouteFacts): SpanFacts {
  return { kind: 'client', attributes: { 'http.request.method': method, 'url.template': template } };
}

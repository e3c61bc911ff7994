import type { StoreObserver } from '../../store/store-event.ts';
import type { UpstreamObserver } from '../../upstream/upstream-observer.ts';
import type { EndedRequest } from './request-record.ts';

/**
 * Hears what the gateway does. The access log and the metrics are such observers: plugins need not know them. Its
 * methods must not throw, and must not wait.
 */
export interface GatewayObserver {
  /** A request to the GraphQL endpoint is over: what it asked for, what that cost, and how it ended. */
  readonly requestEnded?: (request: EndedRequest) => void;
  /** An answer, or an event, has an error. */
  readonly errorSent?: (error: ErrorFacts) => void;
  /** A subscription sent one event. */
  readonly eventSent?: () => void;
  /** A request to the qBraid API is over. */
  readonly upstreamEnded?: UpstreamObserver;
  /** One read is decided, with whatever operation or poll it belongs to. */
  readonly jobsRead?: StoreObserver;
}

/** The parts of `extensions` of an error that are the gateway's own words. */
export interface ErrorFacts {
  readonly code: string;
  /** The variable that limits what was asked for. */
  readonly limit: string | null;
}

/** Makes one observer of several. Each is told in turn. */
export function joinObservers(observers: readonly GatewayObserver[]): Required<GatewayObserver> {
  return {
    requestEnded: toEach(observers.flatMap(({ requestEnded }) => requestEnded ?? [])),
    errorSent: toEach(observers.flatMap(({ errorSent }) => errorSent ?? [])),
    eventSent: toEach(observers.flatMap(({ eventSent }) => eventSent ?? [])),
    upstreamEnded: toEach(observers.flatMap(({ upstreamEnded }) => upstreamEnded ?? [])),
    jobsRead: toEach(observers.flatMap(({ jobsRead }) => jobsRead ?? [])),
  };
}

function toEach<Args extends unknown[]>(
  listeners: readonly ((...args: Args) => void)[],
): (...args: Args) => void {
  return (...args) => {
    for (const listener of listeners) listener(...args);
  };
}

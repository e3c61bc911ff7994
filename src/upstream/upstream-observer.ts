import type { RouteName } from './routes.ts';
import type { UpstreamErrorKind } from './upstream-error.ts';

/** One request to the qBraid API that is over. */
export interface Exchange {
  readonly route: RouteName;
  /** The HTTP status of the answer: null where there was none. */
  readonly status: number | null;
  /** Why there is no usable answer: null where there is one, `aborted` where nobody waited for it any more. */
  readonly failure: UpstreamErrorKind | 'aborted' | null;
  /** From the moment it had a connection to use, in milliseconds. */
  readonly durationMs: number;
}

/** Hears of each request when it is over. Must not throw. */
export type UpstreamObserver = (exchange: Exchange) => void;

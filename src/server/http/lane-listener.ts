import type { IncomingMessage, ServerResponse } from 'node:http';

/** What the fast lane leaves of a request to Yoga: its plugins know the rest of it. */
export interface Resumed {
  readonly requestId: string;
}

/** What a server does with the requests that the fast lane has no answer for. */
export interface LaneTurns {
  /** Waits for the turn of a request. */
  take(request: IncomingMessage, response: ServerResponse, begin: () => void): void;
  /** Lets Yoga go on with it. */
  resume(request: IncomingMessage, response: ServerResponse, resumed: Resumed): void;
}

/** Takes a request, if it is ordinary. An answer that is kept is given at once, whoever waits for a turn. */
export type LaneListener = (request: IncomingMessage, response: ServerResponse, turns: LaneTurns) => boolean;

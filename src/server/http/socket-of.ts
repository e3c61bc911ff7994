import type { IncomingMessage, ServerResponse } from 'node:http';

/** Node's side of a request: empty where it did not come over a socket. */
export interface NodeSide {
  readonly req?: IncomingMessage;
  readonly res?: ServerResponse;
}

/** Finds Node's side of a request in its context: Yoga's types do not know it. */
export function socketOf(context: object): NodeSide {
  return context;
}

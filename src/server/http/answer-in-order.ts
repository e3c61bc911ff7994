import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** Begins to answer a request when it is its turn on its connection. */
export type AnswerInOrder = (socket: Socket, response: ServerResponse, serve: () => void) => void;

/**
 * Serves the requests of one connection one after the other: a client may send hundreds of them at once, whose answers
 * would pile up. Each is served in the turn of the event loop after the one before it was handed over, so that others get
 * their turns in between.
 */
export function createAnswerInOrder(): AnswerInOrder {
  /** The last response that is to be sent on each connection. */
  const last = new WeakMap<Socket, ServerResponse>();
  return (socket, response, serve) => {
    const before = last.get(socket);
    last.set(socket, response);
    if (before === undefined || before.closed) return serve();
    before.once('close', () => {
      setImmediate(() => {
        if (!socket.destroyed) serve();
      });
    });
  };
}

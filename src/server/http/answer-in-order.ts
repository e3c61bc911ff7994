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
  const ends = new WeakMap<Socket, Promise<void>>();
  return (socket, response, serve) => {
    const serveIfOpen = () => {
      if (!socket.destroyed) serve();
    };
    const before = ends.get(socket);
    ends.set(socket, afterTurnOf(response));
    if (before === undefined) serveIfOpen();
    else void before.then(serveIfOpen);
  };
}

function afterTurnOf(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    response.once('close', () => setImmediate(resolve));
  });
}

import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/**
 * Serves the requests of one connection one after the other: a client may send hundreds of them at once, whose answers
 * would pile up. Node gives the connection to one response after the other, in the order of their requests. Each is served in the
 * turn of the event loop after it got the connection, so that others get their turns in between.
 */
export function answerInOrder(socket: Socket, response: ServerResponse, serve: () => void): void {
  if (response.socket !== null) {
    serve();
    return;
  }
  response.once('socket', () => {
    setImmediate(() => {
      if (!socket.destroyed) serve();
    });
  });
}

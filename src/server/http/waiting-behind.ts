import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** How many requests of one connection may wait for the answers before theirs. Clients that send ahead send some ten. */
const MAX_WAITING = 256;

/** Bounds how many requests wait on one connection: behind an event stream they would pile up for as long as that is open. */
export class WaitingBehind {
  readonly #counts = new WeakMap<Socket, number>();

  /** Whether a request that came is served: on a connection with too many, none is any more, and it is closed. */
  admit(socket: Socket, response: ServerResponse): boolean {
    if (socket.destroyed) return false;
    // Node gives the connection to one response after the other.
    if (response.socket !== null) return true;
    const count = this.#countOf(socket) + 1;
    if (count > MAX_WAITING) {
      socket.destroy();
      return false;
    }
    this.#counts.set(socket, count);
    response.once('socket', () => this.#counts.set(socket, this.#countOf(socket) - 1));
    return true;
  }

  #countOf(socket: Socket): number {
    return this.#counts.get(socket) ?? 0;
  }
}

import type { Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Clock } from '../../lib/clock.ts';

/**
 * How long a connection without a request stays open once the server closes, in milliseconds. Browsers open connections
 * beforehand. But a request may also just be on its way.
 */
const SILENCE_MS = 1000;

/** Ends a server so that what was asked is answered. */
export class ServerDrain {
  readonly #server: Server;
  readonly #clock: Pick<Clock, 'schedule'>;
  /** The responses that are not handed over yet, by connection. */
  readonly #open = new Map<Socket, ServerResponse[]>();
  #isDraining = false;
  #isEnding = false;

  /** Follows the connections of a server, which must not listen yet. */
  constructor(server: Server, clock: Pick<Clock, 'schedule'>) {
    this.#server = server;
    this.#clock = clock;
    server.on('connection', (socket) => {
      this.#open.set(socket, []);
      socket.once('close', () => this.#open.delete(socket));
    });
    // First of all listeners: others may send the headers at once.
    server.prependListener('request', ({ socket }, response) => this.#follow(socket, response));
  }

  /**
   * From now on every connection closes with its next answer. New connections are still accepted, and idle ones stay
   * open: a request may be on its way on them.
   */
  begin(): void {
    this.#isDraining = true;
    for (const response of this.#responses()) closeConnectionAfter(response);
  }

  /**
   * Stops listening. Resolves when all connections are closed, with how many requests were cut off: those that were not
   * answered within this time.
   */
  async end(timeoutMs: number): Promise<number> {
    let cut = 0;
    this.#isEnding = true;
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeIdleConnections();
    const cancelSilence = this.#clock.schedule(SILENCE_MS, () => this.#closeSilent());
    const cancelTimeout = this.#clock.schedule(timeoutMs, () => {
      cut = this.#responses().length;
      this.#server.closeAllConnections();
    });
    await closed;
    cancelSilence();
    cancelTimeout();
    return cut;
  }

  #follow(socket: Socket, response: ServerResponse): void {
    const open = this.#open.get(socket);
    open?.push(response);
    if (this.#isDraining) closeConnectionAfter(response);
    response.on('close', () => {
      // Mostly it is the only one.
      open?.splice(open.indexOf(response), 1);
      // The headers of some answers were sent before, such as those of event streams.
      if (this.#isEnding) this.#server.closeIdleConnections();
    });
  }

  #responses(): readonly ServerResponse[] {
    return [...this.#open.values()].flat();
  }

  #closeSilent(): void {
    for (const [socket, responses] of this.#open) {
      if (responses.length === 0) socket.destroy();
    }
  }
}

function closeConnectionAfter(response: ServerResponse): void {
  if (!response.headersSent) response.setHeader('connection', 'close');
}

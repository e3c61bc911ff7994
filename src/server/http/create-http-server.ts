import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { HttpConfig } from '../../config/config.ts';
import type { Clock } from '../../lib/clock.ts';
import type { Logger } from '../../lib/logger.ts';
import { answerClientErrors } from './answer-client-errors.ts';
import { answerInOrder } from './answer-in-order.ts';
import type { Arrivals } from './arrivals.ts';
import { createRequestListener } from './create-request-listener.ts';
import { dropRestOfRequest } from './drop-rest-of-request.ts';
import { pathOf } from './path-of.ts';
import type { ServedGateway } from './served-gateway.ts';
import { WaitingBehind } from './waiting-behind.ts';

export interface HttpServerOptions {
  readonly gateway: ServedGateway;
  readonly http: HttpConfig;
  /** Begins the requests. */
  readonly arrivals: Arrivals;
  readonly logger: Logger;
  readonly clock: Clock;
}

/** How often Node looks for requests that take too long: they end by as much too late, in milliseconds. */
const CHECK_INTERVAL_MS = 500;

/** Longer than load balancers keep connections that they do not use, so that it is not the gateway that closes first. */
const KEEP_ALIVE_TIMEOUT_MS = 72_000;

/** Makes the server, which does not listen yet, with bounds for what one request may take and how long it may arrive. */
export function createHttpServer({ gateway, http, arrivals, logger, clock }: HttpServerOptions): Server {
  const options = {
    // The probes of the system find a client that vanished, but only while no sent bytes are unacknowledged.
    keepAlive: true,
    keepAliveInitialDelay: 1000,
    maxHeaderSize: http.maxHeadersBytes,
    // Node accepts none that is longer than the whole request may take.
    headersTimeout: Math.min(http.headersTimeoutMs, http.requestTimeoutMs),
    requestTimeout: http.requestTimeoutMs,
    connectionsCheckingInterval: CHECK_INTERVAL_MS,
    keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
    // The listener asks for it, and says so.
    requireHostHeader: false,
  };
  const answer = createRequestListener({ gateway, logger });

  /** Waits for the turn of a request: its client may have left by then. */
  function takeTurn(request: IncomingMessage, response: ServerResponse, begin: () => void): void {
    const { socket } = request;
    const by = (serve: () => void) => () => {
      if (!socket.destroyed) answerInOrder(socket, response, serve);
    };
    const refuseIt = () => gateway.refuse(request, response);
    arrivals.take(gateway.senderOf(request), by(begin), isNeverRefused(request) ? by(begin) : by(refuseIt));
  }

  const turns = { take: takeTurn, resume: answer };
  const waiting = new WaitingBehind();
  const server = createServer(options, (request, response) => {
    if (!waiting.admit(request.socket, response) || gateway.lane(request, response, turns)) return;
    dropRestOfRequest(request, response, clock);
    takeTurn(request, response, () => answer(request, response));
  });
  arrivals.follow(server);
  // By itself, Node refuses an `Expect` that it does not know, with an answer that has no headers.
  server.on('checkExpectation', (request, response) => server.emit('request', request, response));
  answerClientErrors(server, { gateway, logger });
  return server;
}

/** The probes of those who watch the process, and what browsers ask so that a page may read a refusal. */
function isNeverRefused(request: IncomingMessage): boolean {
  return request.method === 'OPTIONS' || ['/health', '/ready'].includes(pathOf(request));
}

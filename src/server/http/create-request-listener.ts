import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { sendNodeResponse } from '@whatwg-node/server';
import type { Logger } from '../../lib/logger.ts';
import type { Gateway } from '../create-gateway.ts';
import { findAddressFault } from './find-address-fault.ts';
import { type HttpRefusal, toErrorBody } from './http-refusal.ts';
import { SECURITY_HEADERS } from './security-headers.ts';

export interface RequestListenerOptions extends Pick<Gateway, 'yoga'> {
  readonly logger: Logger;
  /** Told of the code of each error that is answered without Yoga. */
  readonly onRefused: (code: string) => void;
}

const INTERNAL: HttpRefusal = {
  status: 500,
  code: 'INTERNAL_SERVER_ERROR',
  message: 'Internal server error.',
};

/** How long a client may take nothing of an answer that is no event stream: these have a time of their own. */
const UNREAD_TIMEOUT_MS = 60_000;

/**
 * Lets Yoga answer the requests of a Node server. Requests whose address is no URL do not reach it, and what it throws is
 * logged: its own listener would answer with the stack.
 */
export function createRequestListener({ yoga, logger, onRefused }: RequestListenerOptions): RequestListener {
  function refuse(response: ServerResponse, refusal: HttpRefusal): void {
    onRefused(refusal.code);
    if (response.headersSent) return void response.destroy();
    const headers = { ...SECURITY_HEADERS, 'content-type': 'application/json; charset=utf-8' };
    response.writeHead(refusal.status, headers).end(toErrorBody(refusal));
  }

  async function listen(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const fault = findAddressFault(request);
    if (fault !== null) {
      logger.debug({ fault }, 'request refused');
      return refuse(response, { status: 400, code: 'BAD_REQUEST', message: fault });
    }
    // What Yoga's own listener gives to plugins.
    const context: object = { req: request, res: response };
    const answer = await yoga.handleNodeRequestAndResponse(request, response, context);
    const sent = sendNodeResponse(answer, response, request, true);
    // Only now: what sends the answer takes away each time for which the socket may be idle.
    if (!answer?.headers.get('content-type')?.startsWith('text/event-stream')) closeIfUnread(response);
    await sent;
  }
  const ends = new WeakMap<Socket, Promise<void>>();
  return (request, response) => {
    const { socket } = request;
    const serve = () => {
      if (socket.destroyed) return;
      listen(request, response).catch((err: unknown) => {
        logger.error({ err }, 'request failed');
        refuse(response, INTERNAL);
      });
    };
    const before = ends.get(socket);
    ends.set(socket, afterTurnOf(response));
    if (before === undefined) serve();
    else void before.then(serve);
  };
}

/** Lets Node close the connection of a client that takes nothing of an answer, which would stay in memory. */
function closeIfUnread(response: ServerResponse): void {
  response.setTimeout(UNREAD_TIMEOUT_MS);
  // What comes next on the connection may wait for longer. Node then sets the time for which it may be idle.
  response.prependOnceListener('finish', () => response.setTimeout(0));
}

/**
 * Resolves in the turn of the event loop after the response was handed over. A client may send hundreds of requests at
 * once on one connection: they are served one after the other, so that their answers do not pile up, and others get their
 * turns in between.
 */
function afterTurnOf(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    response.once('close', () => setImmediate(resolve));
  });
}

import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { sendNodeResponse } from '@whatwg-node/server';
import type { Clock } from '../../lib/clock.ts';
import type { Logger } from '../../lib/logger.ts';
import { Turns } from '../../lib/turns.ts';
import type { Gateway } from '../create-gateway.ts';
import { dropRestOfRequest } from './drop-rest-of-request.ts';
import { findAddressFault } from './find-address-fault.ts';
import { type HttpRefusal, toErrorBody } from './http-refusal.ts';
import { SECURITY_HEADERS } from './security-headers.ts';

export interface RequestListenerOptions extends Pick<Gateway, 'yoga'> {
  readonly logger: Logger;
  readonly clock: Clock;
}

const INTERNAL: HttpRefusal = {
  status: 500,
  code: 'INTERNAL_SERVER_ERROR',
  message: 'Internal server error.',
};

/**
 * Lets Yoga answer the requests of a Node server. Requests whose address is no URL do not reach it, and what it throws is
 * logged: its own listener would answer with the stack.
 */
export function createRequestListener({ yoga, logger, clock }: RequestListenerOptions): RequestListener {
  async function listen(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const fault = findAddressFault(request);
    if (fault !== null) {
      logger.debug({ fault }, 'request refused');
      return refuse(response, { status: 400, code: 'BAD_REQUEST', message: fault });
    }
    // What Yoga's own listener gives to plugins.
    const context: object = { req: request, res: response };
    const answer = await yoga.handleNodeRequestAndResponse(request, response, context);
    await sendNodeResponse(answer, response, request, true);
  }
  const turnsOf = new WeakMap<Socket, Turns>();
  return (request, response) => {
    dropRestOfRequest(request, response, clock);
    const { socket } = request;
    const turns = turnsOf.get(socket) ?? new Turns();
    turnsOf.set(socket, turns);
    // A client may send hundreds of requests at once on one connection: others get their turns in between.
    turns.take(() => {
      if (socket.destroyed) return;
      listen(request, response).catch((err: unknown) => {
        logger.error({ err }, 'request failed');
        refuse(response, INTERNAL);
      });
    });
  };
}

function refuse(response: ServerResponse, refusal: HttpRefusal): void {
  if (response.headersSent) return void response.destroy();
  const headers = { ...SECURITY_HEADERS, 'content-type': 'application/json; charset=utf-8' };
  response.writeHead(refusal.status, headers).end(toErrorBody(refusal));
}

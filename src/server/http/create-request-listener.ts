import type { IncomingMessage, ServerResponse } from 'node:http';
import { sendNodeResponse } from '@whatwg-node/server';
import type { Logger } from '../../lib/logger.ts';
import { requestIds } from '../records/request-ids.ts';
import { closeIfUnread } from './close-if-unread.ts';
import { findAddressFault } from './find-address-fault.ts';
import { type HttpRefusal, toErrorBody } from './http-refusal.ts';
import type { Resumed } from './lane-listener.ts';
import { SECURITY_HEADERS } from './security-headers.ts';
import type { ServedGateway } from './served-gateway.ts';

export interface RequestListenerOptions {
  readonly gateway: Pick<ServedGateway, 'yoga' | 'refused'>;
  readonly logger: Logger;
}

/** Lets Yoga answer a request. @param resumed what the fast lane leaves to it. */
export type YogaListener = (request: IncomingMessage, response: ServerResponse, resumed?: Resumed) => void;

const INTERNAL: HttpRefusal = {
  status: 500,
  code: 'INTERNAL_SERVER_ERROR',
  message: 'Internal server error.',
};

/**
 * Lets Yoga answer the requests of a Node server. Requests whose address is no URL do not reach it, and what it throws is
 * logged: its own listener would answer with the stack.
 */
export function createRequestListener({ gateway, logger }: RequestListenerOptions): YogaListener {
  function refuse(response: ServerResponse, refusal: HttpRefusal): void {
    gateway.refused(refusal.code);
    if (response.headersSent) return void response.destroy();
    const headers = { ...SECURITY_HEADERS, 'content-type': 'application/json; charset=utf-8' };
    response.writeHead(refusal.status, headers).end(toErrorBody(refusal));
  }

  async function listen(...[request, response, resumed]: Parameters<YogaListener>): Promise<void> {
    const fault = findAddressFault(request);
    if (fault !== null) {
      logger.debug({ fault }, 'request refused');
      return refuse(response, { status: 400, code: 'BAD_REQUEST', message: fault });
    }
    // What Yoga's own listener gives to plugins, and what is left of the request.
    const context: object = { req: request, res: response, ...(resumed === undefined ? {} : { resumed }) };
    requestIds.knowUntilClosed(response);
    const answer = await gateway.yoga.handleNodeRequestAndResponse(request, response, context);
    const sent = sendNodeResponse(answer, response, request, true);
    // Only now: what sends the answer takes away each time for which the socket may be idle.
    if (!answer?.headers.get('content-type')?.startsWith('text/event-stream')) closeIfUnread(response);
    await sent;
  }

  return (request, response, resumed) => {
    const serve = () =>
      listen(request, response, resumed).catch((err: unknown) => {
        logger.error({ err }, 'request failed');
        refuse(response, INTERNAL);
      });
    // What is resumed keeps the id that it had.
    void (resumed === undefined ? serve() : requestIds.run(resumed.requestId, serve));
  };
}

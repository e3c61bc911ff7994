import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { createWaiters } from './create-waiters.ts';

/** What the gateway asked for. */
export interface UpstreamRequest {
  /** The path and query below the base address, as they came over the wire: `/jobs?page=1&limit=50`. */
  readonly path: string;
  /** The value of `X-API-KEY`. */
  readonly key: string | undefined;
  /** The method, where it is not GET. */
  readonly method?: string;
}

/** An answer: the body is sent as JSON, or as it is where it is a text. */
export interface UpstreamReply {
  /** @default 200 */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** Promises more bytes than are sent, then hangs up. */
  readonly isCutOff?: boolean;
  /** Promises more bytes than are sent, and leaves it at that. */
  readonly isStalled?: boolean;
}

/** `hang` never answers; `reset` hangs up without an answer. */
export type UpstreamBehaviour = UpstreamReply | 'hang' | 'reset';

/** Decides about each request. */
export type UpstreamScript = (request: UpstreamRequest) => UpstreamBehaviour | Promise<UpstreamBehaviour>;

export interface ScriptedUpstream {
  /** The base address, without a slash at its end. */
  readonly url: string;
  /** All that was asked, in order. */
  readonly requests: readonly UpstreamRequest[];
  /** Resolves once so many requests have come in all. */
  received(count: number): Promise<void>;
  /** Resolves once so many requests have been given up by the gateway before they were answered. */
  abandoned(count: number): Promise<void>;
  /** How many connections are open. */
  connections(): Promise<number>;
  close(): Promise<void>;
}

const BASE_PATH = '/api/v1';

/** Starts an upstream on loopback that answers as the script says. */
export async function startScriptedUpstream(script: UpstreamScript): Promise<ScriptedUpstream> {
  const requests: UpstreamRequest[] = [];
  let abandonedCount = 0;
  const { tell, until } = createWaiters();

  const server = createServer(async (incoming, response) => {
    const { url = '/', headers, method = 'GET' } = incoming;
    const key = headers['x-api-key'] as string | undefined;
    const request = { path: url.slice(BASE_PATH.length), key, ...(method === 'GET' ? {} : { method }) };
    requests.push(request);
    response.on('close', () => {
      if (response.writableFinished) return;
      abandonedCount += 1;
      tell();
    });
    tell();
    act(response, await script(request));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${BASE_PATH}`,
    requests,
    received: (count) => until(() => requests.length >= count),
    abandoned: (count) => until(() => abandonedCount >= count),
    connections: () => promisify(server.getConnections.bind(server))(),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function act(response: ServerResponse, behaviour: UpstreamBehaviour): void {
  if (behaviour === 'hang') return;
  if (behaviour === 'reset') {
    response.destroy();
    return;
  }
  const { status = 200, headers = {}, body = '', isCutOff = false, isStalled = false } = behaviour;
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const length = Buffer.byteLength(text) + (isCutOff || isStalled ? 10 : 0);
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': length, ...headers });
  response.write(text, () => {
    if (isCutOff) response.destroy();
    else if (!isStalled) response.end();
  });
}

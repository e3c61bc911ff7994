import type { Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { RequestListenerOptions } from './create-request-listener.ts';
import { type HttpRefusal, toErrorBody } from './http-refusal.ts';
import { SECURITY_HEADERS } from './security-headers.ts';

interface ClientError extends HttpRefusal {
  readonly reason: string;
}

const TOO_LARGE: ClientError = {
  status: 431,
  reason: 'Request Header Fields Too Large',
  code: 'HEADERS_TOO_LARGE',
  message: 'The headers have more bytes than MAX_REQUEST_HEADERS_BYTES allows: send fewer or shorter ones.',
};

const TOO_SLOW: ClientError = {
  status: 408,
  reason: 'Request Timeout',
  code: 'REQUEST_TIMEOUT',
  message: 'The request took longer to arrive than REQUEST_HEADERS_TIMEOUT_MS and REQUEST_TIMEOUT_MS allow.',
};

const MALFORMED: ClientError = {
  status: 400,
  reason: 'Bad Request',
  code: 'BAD_REQUEST',
  message: 'The request is no HTTP.',
};

const BY_ERROR_CODE: Readonly<Record<string, ClientError>> = {
  HPE_HEADER_OVERFLOW: TOO_LARGE,
  ERR_HTTP_REQUEST_TIMEOUT: TOO_SLOW,
};

/** Answers what cannot be read as a request, or does not arrive in time, and closes the connection. */
export function answerClientErrors(server: Server, { gateway, logger }: RequestListenerOptions): void {
  const newest = new WeakMap<Socket, ServerResponse>();
  server.on('request', ({ socket }, response) => newest.set(socket, response));
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    const mayAnswer = socket.writable && isNext(newest.get(socket));
    // Where another answer is due first, bytes would be taken for that, or for a part of it.
    if (error.code === 'ECONNRESET' || !mayAnswer) return void socket.destroy();
    const refusal = BY_ERROR_CODE[error.code ?? ''] ?? MALFORMED;
    // The error itself holds bytes of the client.
    logger.debug({ code: error.code, status: refusal.status }, 'request refused');
    gateway.refused(refusal.code);
    socket.end(toText(refusal), () => socket.destroy());
  });
}

/** Whether the next answer on a connection is that to the bytes which are no request: they follow its newest one, or are its rest. */
function isNext(newest: ServerResponse | undefined): boolean {
  if (newest === undefined || newest.writableFinished) return true;
  return !newest.req.complete && newest.socket !== null && !newest.headersSent;
}

function toText(refusal: ClientError): string {
  const body = toErrorBody(refusal);
  const headers = {
    ...SECURITY_HEADERS,
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(body),
    connection: 'close',
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  return [`HTTP/1.1 ${refusal.status} ${refusal.reason}`, ...lines, '', body].join('\r\n');
}

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
export function answerClientErrors(
  server: Server,
  { logger, onRefused }: Pick<RequestListenerOptions, 'logger' | 'onRefused'>,
): void {
  const answers = new WeakMap<Socket, ServerResponse>();
  server.on('request', ({ socket }, response) => answers.set(socket, response));
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    const answer = answers.get(socket);
    const isWithinAnswer = answer?.headersSent && !answer.writableFinished;
    // Bytes within another answer would be taken for a part of it.
    if (error.code === 'ECONNRESET' || !socket.writable || isWithinAnswer) return void socket.destroy();
    const refusal = BY_ERROR_CODE[error.code ?? ''] ?? MALFORMED;
    // The error itself holds bytes of the client.
    logger.debug({ code: error.code, status: refusal.status }, 'request refused');
    onRefused(refusal.code);
    socket.end(toText(refusal), () => socket.destroy());
  });
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

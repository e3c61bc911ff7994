import type { Dispatcher } from 'undici';
import request from 'undici/lib/api/api-request.js';
import errors from 'undici/lib/core/errors.js';
import type { ApiKey } from '../auth/api-key.ts';
import { decodeContent } from './decode-content.ts';
import { invalidResponse, UpstreamError } from './upstream-error.ts';

/** A complete answer of the qBraid API. */
export interface Answer {
  readonly status: number;
  readonly retryAfter: string | undefined;
  readonly text: string;
}

/** Answers beyond this many bytes are broken: a full page of large jobs is far below it. */
export const MAX_ANSWER_BYTES = 16 * 1024 * 1024;

/**
 * Sends one GET request and reads the whole answer. Follows no redirect: the key must not go elsewhere.
 *
 * @throws {UpstreamError} if the connection fails, takes too long, or the answer is no HTTP; the abort reason if `signal`
 *   aborts.
 */
export async function exchange(
  dispatcher: Dispatcher,
  url: string,
  key: ApiKey,
  signal: AbortSignal,
  traceHeaders: Readonly<Record<string, string>>,
): Promise<Answer> {
  const { origin, pathname, search } = new URL(url);
  let hasBegun = false;
  try {
    const { statusCode, headers, body } = await request.call(dispatcher, {
      method: 'GET',
      origin,
      path: `${pathname}${search}`,
      signal,
      headers: {
        'x-api-key': key.reveal(),
        accept: 'application/json',
        'accept-encoding': 'identity',
        'user-agent': 'qbraid-graphql-gateway',
        ...traceHeaders,
      },
    });
    hasBegun = true;
    const bytes = new Uint8Array(await body.arrayBuffer());
    const text = await decodeContent(bytes, firstOf(headers['content-encoding']), MAX_ANSWER_BYTES);
    return { status: statusCode, retryAfter: firstOf(headers['retry-after']), text };
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    throw error instanceof UpstreamError ? error : toUpstreamError(error, hasBegun);
  }
}

function firstOf(header: string | string[] | undefined): string | undefined {
  return [header].flat()[0];
}

/**
 * Faults of the connection (refused, reset, cut off, no such host) mean that upstream is unavailable. An answer that is
 * no HTTP, or too large, is invalid.
 */
function toUpstreamError(error: unknown, hasBegun: boolean): UpstreamError {
  if (error instanceof errors.HTTPParserError)
    return invalidResponse('The qBraid API sent an answer that is no HTTP.');
  if (error instanceof errors.ResponseExceededMaxSizeError) {
    return invalidResponse('The qBraid API sent an answer that is too large to be one.');
  }
  if (error instanceof errors.ConnectTimeoutError) return timedOut('did not accept a connection in time');
  if (error instanceof errors.HeadersTimeoutError) return timedOut('did not begin its answer in time');
  if (error instanceof errors.BodyTimeoutError) return timedOut('stopped within its answer');
  const fault = faultOf(error);
  return new UpstreamError('unavailable', `The connection to the qBraid API failed (${fault}).`, {
    isConnectionLost: !hasBegun && LOSSES.has(fault),
  });
}

/** How a connection that was open ends. One that never opened is not lost. */
const LOSSES: ReadonlySet<string> = new Set(['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE']);

function timedOut(what: string): UpstreamError {
  return new UpstreamError('timeout', `The qBraid API ${what}.`);
}

/** The code of a fault, such as ECONNREFUSED. Its message may hold addresses of the internal network. */
function faultOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : 'no known cause';
}

import { type Dispatcher, errors, request } from 'undici';
import type { ApiKey } from '../auth/api-key.ts';
import { invalidResponse, UpstreamError } from './upstream-error.ts';

/** A complete answer of the qBraid API. */
export interface Answer {
  readonly status: number;
  readonly retryAfter: string | undefined;
  readonly text: string;
}

/**
 * Sends one GET request and reads the whole answer. Follows no redirect: the key must not go elsewhere.
 *
 * @throws {UpstreamError} if the connection fails or the answer is no HTTP; the abort reason if `signal` aborts.
 */
export async function exchange(
  dispatcher: Dispatcher,
  url: string,
  key: ApiKey,
  signal: AbortSignal,
): Promise<Answer> {
  try {
    const { statusCode, headers, body } = await request(url, {
      dispatcher,
      signal,
      headers: {
        'x-api-key': key.reveal(),
        accept: 'application/json',
        // undici's `request` does not decompress.
        'accept-encoding': 'identity',
        'user-agent': 'qbraid-graphql-gateway',
      },
    });
    const retryAfter = headers['retry-after'];
    return { status: statusCode, retryAfter: [retryAfter].flat()[0], text: await body.text() };
  } catch (error) {
    throw signal.aborted ? signal.reason : toUpstreamError(error);
  }
}

/**
 * Faults of the connection (refused, reset, cut off, no such host) mean that upstream is unavailable. An answer that is
 * no HTTP, or too large, is invalid.
 */
function toUpstreamError(error: unknown): UpstreamError {
  if (error instanceof errors.HTTPParserError)
    return invalidResponse('The qBraid API sent an answer that is no HTTP.');
  if (error instanceof errors.ResponseExceededMaxSizeError) {
    return invalidResponse('The qBraid API sent an answer that is too large to be one.');
  }
  return new UpstreamError('unavailable', `The connection to the qBraid API failed (${faultOf(error)}).`);
}

/** The code of a fault, such as ECONNREFUSED. Its message may hold addresses of the internal network. */
function faultOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : 'no known cause';
}

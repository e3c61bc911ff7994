import { type Dispatcher, request } from 'undici';
import type { ApiKey } from '../auth/api-key.ts';

/** An answer of the service, read to its end. */
export interface Answer {
  readonly status: number;
  readonly retryAfter: string | undefined;
  readonly text: string;
}

/**
 * One GET request with the key that it is made for. Follows no redirect: the key must not go elsewhere.
 *
 * @throws undici's errors for what goes wrong on the way, and the abort reason of `signal`.
 */
export async function exchange(
  dispatcher: Dispatcher,
  url: string,
  key: ApiKey,
  signal: AbortSignal,
): Promise<Answer> {
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
}

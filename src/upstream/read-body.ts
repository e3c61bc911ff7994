import type { ApiKey } from '../auth/api-key.ts';
import { isPlainObject } from '../lib/is-plain-object.ts';
import { decodeErrorFacts } from './decode-error-facts.ts';
import type { Answer } from './exchange.ts';
import { parseRetryAfter } from './parse-retry-after.ts';
import { invalidResponse, UpstreamError, type UpstreamErrorKind } from './upstream-error.ts';

/**
 * The JSON object of an answer that is a success in every respect.
 *
 * @throws {UpstreamError} for a status that is not 2xx, `success: false`, and a body that is no JSON object.
 */
export function readBody(answer: Answer, key: ApiKey, now: Date): Record<string, unknown> {
  const { status } = answer;
  const body = parseJson(answer.text);
  if (status < 200 || status > 299) {
    throw toRefusal(answer, decodeErrorFacts(body, key.reveal()), now);
  }
  if (!isPlainObject(body))
    throw invalidResponse('The service sent an answer that is no JSON object.', { status });
  if (body['success'] === false) {
    const facts = decodeErrorFacts(body, key.reveal());
    throw new UpstreamError('rejected', 'The service says that the request did not succeed.', {
      ...facts,
      status,
    });
  }
  return body;
}

/** Undefined for HTML, nothing at all, or JSON that ends too soon: proxies in front of the service send all three. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The statuses that have a meaning of their own; the rest goes by the hundred. */
const REFUSALS: Readonly<Record<number, readonly [UpstreamErrorKind, string]>> = {
  401: ['unauthenticated', 'The service does not accept the key.'],
  403: ['forbidden', 'The key may not see this.'],
  404: ['not-found', 'The service knows no such job.'],
  422: ['invalid-input', 'The service does not accept the input.'],
  429: ['rate-limited', 'The service has had too many requests of this user: wait before the next one.'],
};

function toRefusal(answer: Answer, facts: UpstreamError['facts'], now: Date): UpstreamError {
  const { status, retryAfter } = answer;
  const [kind, message] = REFUSALS[status] ?? byHundred(status);
  const mayRetry = kind === 'rate-limited' || kind === 'unavailable';
  const retryAfterMs = mayRetry ? parseRetryAfter(retryAfter, now) : undefined;
  return new UpstreamError(kind, message, { ...facts, status, retryAfterMs });
}

function byHundred(status: number): readonly [UpstreamErrorKind, string] {
  if (status >= 500) return ['unavailable', `The service is out of order (HTTP ${status}).`];
  if (status >= 400) return ['rejected', `The service refused the request (HTTP ${status}).`];
  return ['invalid-response', `The service answered with HTTP ${status} instead of an answer.`];
}

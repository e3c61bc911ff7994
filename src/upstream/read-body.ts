import type { ApiKey } from '../auth/api-key.ts';
import { isPlainObject } from '../lib/is-plain-object.ts';
import { parseJson } from '../lib/parse-json.ts';
import { decodeErrorFacts } from './decode-error-facts.ts';
import type { Answer } from './exchange.ts';
import { invalidResponse, UpstreamError, type UpstreamErrorKind } from './upstream-error.ts';

/** What statuses of refusals mean: the kind of the error, and its message. */
export type Refusals = Readonly<Record<number, readonly [UpstreamErrorKind, string]>>;

/**
 * Reads the JSON object of a successful answer.
 *
 * @param own What some statuses mean on this route, where it is something else than on others.
 * @param now the wall clock: `Retry-After` may be a date.
 * @throws {UpstreamError} for a status that is not 2xx, for `success: false`, and for a body that is no JSON object.
 */
export function readBody(
  answer: Answer,
  key: ApiKey,
  now: Date,
  own: Refusals = {},
): Record<string, unknown> {
  const { status } = answer;
  // Proxies in front of the qBraid API also send HTML, empty bodies and JSON that ends too early.
  const body = parseJson(UTF_8.decode(answer.bytes));
  if (status < 200 || status > 299) {
    throw toRefusal(answer, decodeErrorFacts(body, key.reveal()), now, own);
  }
  if (!isPlainObject(body))
    throw invalidResponse('The qBraid API sent an answer that is no JSON object.', { status });
  if (body['success'] === false) {
    const facts = decodeErrorFacts(body, key.reveal());
    throw new UpstreamError('rejected', 'The qBraid API says that the request did not succeed.', {
      ...facts,
      status,
    });
  }
  return body;
}

/** Takes off a mark of the byte order, which is no JSON. */
const UTF_8 = new TextDecoder();

/** The statuses that have a meaning of their own. */
const REFUSALS: Refusals = {
  401: ['unauthenticated', 'The qBraid API does not accept the key.'],
  403: ['forbidden', 'The key may not see this.'],
  404: ['not-found', 'The qBraid API knows no such job.'],
  422: ['invalid-input', 'The qBraid API does not accept the input.'],
  429: ['rate-limited', 'The qBraid API got too many requests of this user: wait before the next one.'],
};

function toRefusal(answer: Answer, facts: UpstreamError['facts'], now: Date, own: Refusals): UpstreamError {
  const { status, retryAfter } = answer;
  const [kind, message] = own[status] ?? REFUSALS[status] ?? byHundred(status);
  const mayRetry = kind === 'rate-limited' || kind === 'unavailable';
  const retryAfterMs = mayRetry ? parseRetryAfter(retryAfter, now) : undefined;
  return new UpstreamError(kind, message, { ...facts, status, retryAfterMs });
}

function byHundred(status: number): readonly [UpstreamErrorKind, string] {
  if (status >= 500) return ['unavailable', `The qBraid API failed (HTTP ${status}).`];
  if (status >= 400) return ['rejected', `The qBraid API refused the request (HTTP ${status}).`];
  return ['invalid-response', `The qBraid API answered with HTTP ${status} instead of an answer.`];
}

/**
 * Reads a `Retry-After` header: seconds, or an HTTP date (RFC 9110, section 10.2.3).
 *
 * @returns milliseconds from `now`, at least 0; undefined if there is no header or it cannot be read.
 */
export function parseRetryAfter(header: string | undefined, now: Date): number | undefined {
  const value = header?.trim();
  if (!value) return undefined;
  const delayMs = SECONDS.test(value) ? Math.ceil(Number(value) * 1000) : toDateMs(value) - now.getTime();
  return Number.isSafeInteger(delayMs) ? Math.max(0, delayMs) : undefined;
}

const SECONDS = /^\d+(\.\d+)?$/;

/** `Date.parse` alone accepts almost any text: `-5` would be a day of 2001. */
function toDateMs(value: string): number {
  return /^[A-Z][a-z]+, .* GMT$/.test(value) ? Date.parse(value) : Number.NaN;
}

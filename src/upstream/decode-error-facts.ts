import { isPlainObject } from '../lib/is-plain-object.ts';
import type { UpstreamErrorFacts, ValidationDetail } from './upstream-error.ts';

/** Complaints beyond these are left out, so that a broken answer cannot swell ours. */
const MAX_DETAILS = 20;
const MAX_TEXT = 300;

const CODE = /^[A-Z][A-Z0-9_]{0,63}$/;
const REQUEST_ID = /^[\w.:-]{1,128}$/;

/**
 * What is worth handing on of a refusal's body, in the documented (`detail`) or the recorded (`error`) envelope: its
 * code, its request id and its complaints about the input. Anything else, HTML and nothing at all give no facts.
 *
 * @param secret a text that must not be handed on, wherever the service repeats it: the key.
 */
export function decodeErrorFacts(body: unknown, secret: string): UpstreamErrorFacts {
  if (!isPlainObject(body)) return {};
  const error = isPlainObject(body['error']) ? body['error'] : {};
  return {
    code: matching(CODE, error['code'], secret),
    requestId: matching(REQUEST_ID, error['requestId'], secret),
    details: decodeDetails(body['detail'], secret),
  };
}

function matching(pattern: RegExp, value: unknown, secret: string): string | undefined {
  return typeof value === 'string' && pattern.test(value) && !value.includes(secret) ? value : undefined;
}

function decodeDetails(detail: unknown, secret: string): readonly ValidationDetail[] | undefined {
  if (!Array.isArray(detail)) return undefined;
  const clean = (value: unknown) =>
    typeof value === 'string' ? value.replaceAll(secret, '[redacted]').slice(0, MAX_TEXT) : '';
  return detail
    .filter(isPlainObject)
    .slice(0, MAX_DETAILS)
    .map(({ loc, msg, type }) => ({
      loc: (Array.isArray(loc) ? loc : []).map((part) => (typeof part === 'number' ? part : clean(part))),
      msg: clean(msg),
      type: clean(type),
    }));
}

import { isPlainObject } from '../lib/is-plain-object.ts';
import type { UpstreamErrorFacts, ValidationDetail } from './upstream-error.ts';

/** Further complaints are left out: a broken answer must not make ours large. */
const MAX_DETAILS = 20;
const MAX_TEXT = 300;

const CODE = /^[A-Z][A-Z0-9_]{0,63}$/;
const REQUEST_ID = /^[\w.:-]{1,128}$/;

/**
 * The code, the request id and the complaints about the input in the body of a refusal. Reads the documented envelope
 * (`detail`) and the recorded one (`error`). Any other body, such as HTML, gives no facts.
 *
 * @param secret the key. No fact holds it, even where upstream repeats it.
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

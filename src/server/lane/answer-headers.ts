import type { ClientConfig } from '../../config/config.ts';
import { SECURITY_HEADERS } from '../http/security-headers.ts';
import { EXPOSED_HEADERS, isAllowedOrigin, toAllowedHeaders } from '../http/to-cors-options.ts';
import { toVary } from '../http/to-vary.ts';
import { REQUEST_ID_HEADER } from '../records/request-ids.ts';
import { UNBUFFERED } from '../streams/event-text.ts';
import { ANSWER_TYPES, type AnswerType, EVENT_STREAM } from './answer-types.ts';
import type { OrdinaryHead } from './ordinary-request.ts';

/** Gives the headers of the answer to a request with this head and this id: names and values in turn. */
export type ToAnswerHeaders = (
  head: Pick<OrdinaryHead, 'headers' | 'answerType'>,
  requestId: string,
) => string[];

/** Makes what gives answers the headers that Yoga and its plugins would give them. */
export function createAnswerHeaders(
  config: Pick<ClientConfig, 'corsOrigins' | 'keyRingsPath'>,
): ToAnswerHeaders {
  const common = [...Object.entries(SECURITY_HEADERS), ['vary', toVary(config)]].flat();
  const allowed = [
    ['access-control-allow-headers', toAllowedHeaders(config).join(', ')],
    ['access-control-expose-headers', EXPOSED_HEADERS.join(', ')],
  ].flat();
  const fixed = new Map(
    ANSWER_TYPES.map((type): [AnswerType, readonly string[]] => {
      const unbuffered = type === EVENT_STREAM ? UNBUFFERED : [];
      return [type, [...common, ...unbuffered, 'content-type', `${type}; charset=utf-8`]];
    }),
  );
  return ({ headers, answerType }, requestId) => {
    const own = [...(fixed.get(answerType) ?? []), REQUEST_ID_HEADER, requestId];
    const origin = headers.get('origin');
    if (isAllowedOrigin(origin, config.corsOrigins))
      own.push('access-control-allow-origin', origin, ...allowed);
    return own;
  };
}

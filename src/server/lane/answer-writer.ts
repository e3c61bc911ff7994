import type { ServerResponse } from 'node:http';
import type { ClientConfig } from '../../config/config.ts';
import { closeIfUnread } from '../http/close-if-unread.ts';
import { SECURITY_HEADERS } from '../http/security-headers.ts';
import { toVary } from '../http/to-vary.ts';
import { REQUEST_ID_HEADER } from '../records/request-ids.ts';
import { isAllowedOrigin } from '../to-cors-options.ts';
import type { AnswerText } from './answer-cache.ts';
import type { OrdinaryHead } from './ordinary-request.ts';

/** Writes the answer to a request with this head and this id. */
export type WriteAnswer = (
  response: ServerResponse,
  head: OrdinaryHead,
  requestId: string,
  answer: AnswerText,
) => void;

/** Makes what writes answers, with the headers that Yoga and its plugins would give them. */
export function createAnswerWriter(config: Pick<ClientConfig, 'corsOrigins'>): WriteAnswer {
  const fixed = [...Object.entries(SECURITY_HEADERS), ['vary', toVary(config)]].flat();
  return (response, { headers, answerType }, requestId, { text, bytes }) => {
    const origin = headers.get('origin');
    const own = ['content-type', `${answerType}; charset=utf-8`, 'content-length', String(bytes)];
    const cors = isAllowedOrigin(origin, config.corsOrigins) ? ['access-control-allow-origin', origin] : [];
    response.writeHead(200, [...fixed, ...own, REQUEST_ID_HEADER, requestId, ...cors]).end(text);
    // What the system has not taken stays in memory until the client reads.
    if (response.socket === null || response.socket.writableLength > 0) closeIfUnread(response);
  };
}

import type { ServerResponse } from 'node:http';
import { closeIfUnread } from '../http/close-if-unread.ts';
import type { ToAnswerHeaders } from './answer-headers.ts';
import type { AnswerText } from './answer-text.ts';
import type { OrdinaryHead } from './ordinary-request.ts';

/** Writes the answer to a request with this head and this id. */
export type WriteAnswer = (
  response: ServerResponse,
  head: OrdinaryHead,
  requestId: string,
  answer: AnswerText,
) => void;

/** Makes what writes answers with these headers. */
export function createAnswerWriter(toHeaders: ToAnswerHeaders): WriteAnswer {
  return (response, head, requestId, { text, bytes }) => {
    const headers = toHeaders(head, requestId);
    headers.push('content-length', String(bytes));
    response.writeHead(200, headers).end(text);
    // What the system has not taken stays in memory until the client reads.
    if (response.socket === null || response.socket.writableLength > 0) closeIfUnread(response);
  };
}

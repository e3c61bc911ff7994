import type { ServerResponse } from 'node:http';
import { closeIfUnread } from '../http/close-if-unread.ts';
import type { ToAnswerHeaders } from './answer-headers.ts';
import type { AnswerText } from './answer-text.ts';
import type { OrdinaryHead } from './ordinary-request.ts';

/** An answer, and the request that it is for. */
interface Written {
  readonly response: ServerResponse;
  readonly head: OrdinaryHead;
  readonly requestId: string;
  readonly answer: AnswerText;
}

const SUCCESS: NonNullable<AnswerText['http']> = { status: 200, headers: {} };

/**
 * Writes answers, all of one turn of the event loop at its end. To write to a peer that sleeps wakes it up, which takes the system
 * several times as long as the write: written together, only the first one does.
 */
export class AnswerWriter {
  readonly #toHeaders: ToAnswerHeaders;
  #waiting: Written[] = [];

  constructor(toHeaders: ToAnswerHeaders) {
    this.#toHeaders = toHeaders;
  }

  /** Writes the answer to a request with this head and this id soon. */
  write(response: ServerResponse, head: OrdinaryHead, requestId: string, answer: AnswerText): void {
    if (this.#waiting.length === 0) setImmediate(this.#flush);
    this.#waiting.push({ response, head, requestId, answer });
  }

  readonly #flush = (): void => {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const written of waiting) this.#writeNow(written);
  };

  #writeNow({ response, head, requestId, answer: { text, bytes, http = SUCCESS } }: Written): void {
    // Its client has left.
    if (response.destroyed) return;
    const headers = this.#toHeaders(head, requestId);
    headers.push('content-length', String(bytes), ...Object.entries(http.headers).flat());
    response.writeHead(http.status, headers).end(text);
    // What the system has not taken stays in memory until the client reads.
    if (response.socket === null || response.socket.writableLength > 0) closeIfUnread(response);
  }
}

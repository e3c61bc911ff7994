import type { HttpStatus } from '../http/http-refusal.ts';

/** An answer, without the headers that all have. */
export interface AnswerText {
  /** JSON, or its UTF-8. */
  readonly text: string | Buffer;
  /** How long it is in UTF-8. */
  readonly bytes: number;
  /** Its status, and what headers it has of its own. @default 200, and none */
  readonly http?: Required<HttpStatus>;
}

/**
 * From so many bytes on an answer is written as UTF-8. Node joins a string to the head of its response, and V8 allocates so
 * large a string apart each time, which takes far longer than to send it.
 */
const LARGE_BYTES = 32_768;

/** @param bytes How long the JSON is in UTF-8. */
export function toAnswerText(json: string, bytes: number): AnswerText {
  return { text: bytes < LARGE_BYTES ? json : Buffer.from(json), bytes };
}

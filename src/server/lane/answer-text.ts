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
 * From so many bytes on an answer is written as UTF-8. A string Node joins to the head of its response, and makes UTF-8 of both
 * each time that the answer is given, which then takes longer than to send one part more.
 */
const LARGE_BYTES = 16_384;

/** @param bytes How long the JSON is in UTF-8. */
export function toAnswerText(json: string, bytes: number): AnswerText {
  return { text: bytes < LARGE_BYTES ? json : Buffer.from(json), bytes };
}

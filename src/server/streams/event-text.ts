import type { ExecutionResult } from 'graphql';

/** The bytes of events. */
export type EventBytes = Uint8Array<ArrayBuffer>;

const encoder = new TextEncoder();

/** A comment, which clients ignore. It keeps proxies from closing the stream, and shows who has left. */
export const SIGN_OF_LIFE: EventBytes = encoder.encode(':\n\n');

/** Says that no more results come. */
export const COMPLETE: EventBytes = encoder.encode('event: complete\ndata:\n\n');

/** The header without which nginx collects events before it passes them on. */
export const UNBUFFERED = ['x-accel-buffering', 'no'] as const;

/** No events. */
export const NOTHING: EventBytes = new Uint8Array();

/** How much is handed over at once. A client that takes so much within the time is slow, but reads. */
export const PIECE_BYTES = 65_536;

/** The event of a result that is JSON text. */
export function toEvent(json: string): EventBytes {
  return encoder.encode(`event: next\ndata: ${json}\n\n`);
}

/** Writes a result as JSON, without the private notes of Yoga in the extensions of errors. */
export function stringifyResult(result: ExecutionResult): string {
  const errors = result.errors?.map((error) => {
    const { http: _, unexpected: __, ...extensions } = error.extensions;
    return { ...error.toJSON(), extensions };
  });
  return JSON.stringify(errors === undefined ? result : { ...result, errors });
}

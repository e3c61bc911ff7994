const GRAPHQL = 'application/graphql-response+json';
const JSON_TYPE = 'application/json';

/** The media type of an answer that is an event stream. */
export const EVENT_STREAM = 'text/event-stream';

/** The media types of an answer. */
export const ANSWER_TYPES = [GRAPHQL, JSON_TYPE, EVENT_STREAM] as const;

export type AnswerType = (typeof ANSWER_TYPES)[number];

/** What clients send that accept nothing else than an event stream: graphql-sse and polyfills, and urql. */
const STREAMS_ONLY: ReadonlySet<string> = new Set([EVENT_STREAM, `${EVENT_STREAM}, multipart/mixed`]);

/** What a client may accept that means JSON. */
const JSON_RANGES: ReadonlySet<string> = new Set([JSON_TYPE, 'application/*', '*/*']);

/** A character set, half of a wildcard, and more than one slash: Yoga has its own way with these. */
const UNUSUAL = /charset|\*\/(?!\*)|\/[^,]*\//;

/** No client that we know sends more. */
const MAX_CHARACTERS = 300;

/**
 * The media type of an answer for a client that accepts this: the first in its list, as Yoga takes it. Null for whatever Yoga
 * has to look at: lists without such a type, unusual ones that hold only event streams, and what else is unusual.
 */
export function toAnswerType(accept: string | null): AnswerType | null {
  if (accept === null || accept === '' || accept === '*/*' || accept === JSON_TYPE) return JSON_TYPE;
  if (STREAMS_ONLY.has(accept)) return EVENT_STREAM;
  if (accept.length > MAX_CHARACTERS) return null;
  const known = KNOWN.get(accept);
  if (known !== undefined) return known;
  const type = readAccept(accept);
  if (KNOWN.size < MAX_KNOWN) KNOWN.set(accept, type);
  return type;
}

/** What was read of a header before: clients of one kind send the same. */
const KNOWN = new Map<string, AnswerType | null>();
const MAX_KNOWN = 100;

function readAccept(accept: string): AnswerType | null {
  if (accept.includes('text/event-stream') && !accept.includes('json')) return null;
  const ranges = accept.replace(/\s/g, '').toLowerCase();
  if (UNUSUAL.test(ranges)) return null;
  for (const range of ranges.split(',')) {
    const type = range.split(';', 1)[0] ?? '';
    if (type === GRAPHQL) return GRAPHQL;
    if (JSON_RANGES.has(type)) return JSON_TYPE;
  }
  return null;
}

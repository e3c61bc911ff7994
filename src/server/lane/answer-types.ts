import { LRUCache } from 'lru-cache';
import { atMost } from '../../lib/at-most.ts';

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

const MAX_KNOWN = 100;

/**
 * The media types of answers, by what clients accept. Clients of one kind send the same header, so what was read of those that
 * came last is kept, for all clients: it depends on the header only.
 */
export class AnswerTypes {
  readonly #known = new LRUCache<string, AnswerType>(atMost(MAX_KNOWN));

  /**
   * The first in the list of a client, as Yoga takes it. Null for whatever Yoga has to look at: lists without such a type,
   * unusual ones that hold only event streams, and what else is unusual.
   */
  of(accept: string | null): AnswerType | null {
    if (accept === null || accept === '' || accept === '*/*' || accept === JSON_TYPE) return JSON_TYPE;
    if (STREAMS_ONLY.has(accept)) return EVENT_STREAM;
    if (accept.length > MAX_CHARACTERS) return null;
    const known = this.#known.get(accept);
    if (known !== undefined) return known;
    const type = readAccept(accept);
    if (type !== null) this.#known.set(accept, type);
    return type;
  }
}

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

import { hash } from 'node:crypto';
import { SECRET_HEADERS } from '../../auth/key-headers.ts';
import { hasCsrfHeader } from '../http/csrf-headers.ts';
import type { AnswerType, AnswerTypes } from './answer-types.ts';

/** The first line of a request. */
export interface RequestLine {
  readonly method?: string | undefined;
  /** The target as it was sent. */
  readonly url?: string | undefined;
}

/** The head of a request that the fast lane takes. */
export interface OrdinaryHead {
  readonly method: 'GET' | 'POST';
  readonly headers: Pick<Headers, 'get'>;
  readonly answerType: AnswerType;
  /** Whether the client refuses what was read before. */
  readonly wantsFresh: boolean;
}

/** Headers with which a request is answered in another way, or read in another way. */
const UNUSUAL = [
  'transfer-encoding',
  'content-encoding',
  'expect',
  'x-operation-cost',
  'x-debug-upstream',
  'upgrade',
];

const JSON_BODY = /^application\/json\s*(?:;\s*charset="?utf-?8"?\s*)?$/i;

/** What a client says of cached answers: anything else than these is looked at by Yoga. */
const CACHE_CONTROL: Readonly<Record<string, boolean>> = { '': false, 'max-age=0': false, 'no-cache': true };

export interface OrdinaryOptions {
  readonly maxBodyBytes: number;
  /** Whether a GET must have a header that pages of other sites cannot send. */
  readonly csrfPrevention: boolean;
  readonly answerTypes: AnswerTypes;
}

/** Reads the head of an ordinary request: JSON by POST, of a known length, or an operation by GET. Null for any other. */
export function toOrdinaryHead(
  { method, url = '' }: RequestLine,
  headers: Pick<Headers, 'get'>,
  options: OrdinaryOptions,
): OrdinaryHead | null {
  if (method !== 'POST' && method !== 'GET') return null;
  const isOrdinary =
    method === 'POST' ? isOrdinaryPost(url, headers, options) : isOrdinaryGet(url, headers, options);
  if (!isOrdinary || UNUSUAL.some((name) => headers.get(name) !== null)) return null;
  const answerType = options.answerTypes.of(headers.get('accept'));
  const wantsFresh = CACHE_CONTROL[headers.get('cache-control') ?? ''];
  if (answerType === null || wantsFresh === undefined) return null;
  return { method, headers, answerType, wantsFresh };
}

function isOrdinaryPost(
  url: string,
  headers: Pick<Headers, 'get'>,
  { maxBodyBytes }: OrdinaryOptions,
): boolean {
  if (url !== '/graphql' || !JSON_BODY.test(headers.get('content-type') ?? '')) return false;
  const bodyBytes = Number(headers.get('content-length') ?? Number.NaN);
  return bodyBytes > 0 && bodyBytes <= maxBodyBytes;
}

/** One that has a body, or that a browser sends to see a page, is none. */
function isOrdinaryGet(
  url: string,
  headers: Pick<Headers, 'get'>,
  { csrfPrevention }: OrdinaryOptions,
): boolean {
  if (!url.startsWith('/graphql?') || url.includes('#') || headers.get('content-length') !== null)
    return false;
  if (headers.get('accept')?.includes('text/html')) return false;
  return !csrfPrevention || hasCsrfHeader(headers);
}

/**
 * Names all that an answer depends on: the keys, the token, the media type and the body. Whoever reads the name learns nothing of them,
 * and no two requests that differ have the same. A body that has the hash or the id of its document always means the same one
 * (`PersistedDocuments`).
 */
export function toRequestName({ headers, answerType }: OrdinaryHead, body: string): string {
  let identity = '';
  // An answer depends on them, or what is noted of its operation. No header has a line break.
  for (const name of SECRET_HEADERS) identity += `${headers.get(name) ?? ''}\n`;
  return hash('sha256', `${identity}${answerType}\n${body}`, 'base64');
}

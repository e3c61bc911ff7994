import { hash } from 'node:crypto';
import { type AnswerType, toAnswerType } from './answer-type.ts';

/** The first line of a request. */
export interface RequestLine {
  readonly method?: string | undefined;
  /** The target as it was sent. */
  readonly url?: string | undefined;
}

/** The head of a request that the fast lane takes. */
export interface OrdinaryHead {
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

/** Reads the head of an ordinary request: JSON by POST, of a known length. Null for any other. */
export function toOrdinaryHead(
  { method, url }: RequestLine,
  headers: Pick<Headers, 'get'>,
  maxBodyBytes: number,
): OrdinaryHead | null {
  if (method !== 'POST' || url !== '/graphql') return null;
  if (!JSON_BODY.test(headers.get('content-type') ?? '')) return null;
  const bodyBytes = Number(headers.get('content-length') ?? Number.NaN);
  if (!(bodyBytes > 0 && bodyBytes <= maxBodyBytes)) return null;
  if (UNUSUAL.some((name) => headers.get(name) !== null)) return null;
  const answerType = toAnswerType(headers.get('accept'));
  const wantsFresh = CACHE_CONTROL[headers.get('cache-control') ?? ''];
  return answerType === null || wantsFresh === undefined ? null : { headers, answerType, wantsFresh };
}

/** The headers on which an answer depends, or what is noted of its operation. No name in a header has a line break. */
const IDENTITY = ['x-api-key', 'x-api-keys', 'authorization', 'proxy-authorization'];

/**
 * Names all that an answer depends on: the keys, the token, the media type and the body. Whoever reads the name learns nothing of them,
 * and no two requests that differ have the same. A body that has the hash or the id of its document always means the same one
 * (`PersistedDocuments`).
 */
export function toRequestName({ headers, answerType }: OrdinaryHead, body: string): string {
  let identity = '';
  for (const name of IDENTITY) identity += `${headers.get(name) ?? ''}\n`;
  return hash('sha256', `${identity}${answerType}\n${body}`, 'base64');
}

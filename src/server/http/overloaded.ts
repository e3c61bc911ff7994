import type { HttpRefusal } from './http-refusal.ts';

const RETRY_AFTER_S = 1;

/** What is answered to a request that comes while the gateway has too much to do. */
export const OVERLOADED = {
  status: 503,
  code: 'OVERLOADED',
  message: `The gateway has more to do than it can: try again after ${RETRY_AFTER_S} s.`,
  facts: { retryAfterMs: RETRY_AFTER_S * 1000 },
  headers: { 'retry-after': String(RETRY_AFTER_S) },
} satisfies HttpRefusal;

/** The media type of a refusal for a client that accepts this. A refused event stream is JSON, too. */
export function toRefusalType(
  accept: string | null,
): 'application/json' | 'application/graphql-response+json' {
  return accept?.includes('graphql-response+json') ? 'application/graphql-response+json' : 'application/json';
}

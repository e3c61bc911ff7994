import type { Plugin } from 'graphql-yoga';
import { toHttpError } from '../http/http-refusal.ts';

/** Browsers let no page of another site send these without asking first. The names are those of Yoga and of Apollo. */
export const CSRF_HEADERS = ['x-graphql-yoga-csrf', 'apollo-require-preflight', 'x-apollo-operation-name'];

/**
 * Refuses operations by GET without a header that shows that no page of another site sent them. Those by POST need none:
 * browsers ask first before they send JSON.
 */
export function useCsrfPrevention(): Plugin {
  return {
    onRequestParse({ request: { method, headers } }) {
      if (method !== 'GET' || CSRF_HEADERS.some((name) => headers.get(name)?.trim())) return;
      const message = `A GET must have one of the headers ${CSRF_HEADERS.join(', ')}, with any text: add one, or use POST.`;
      throw toHttpError({ status: 403, code: 'CSRF_PREVENTED', message });
    },
  };
}

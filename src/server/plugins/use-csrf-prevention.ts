import type { Plugin } from 'graphql-yoga';
import { CSRF_HEADERS, hasCsrfHeader } from '../http/csrf-headers.ts';
import { toHttpError } from '../http/http-refusal.ts';

/**
 * Refuses operations by GET without a header that shows that no page of another site sent them. Those by POST need none:
 * browsers ask first before they send JSON.
 */
export function useCsrfPrevention(): Plugin {
  return {
    onRequestParse({ request: { method, headers } }) {
      if (method !== 'GET' || hasCsrfHeader(headers)) return;
      const message = `A GET must have one of the headers ${CSRF_HEADERS.join(', ')}, with any text: add one, or use POST.`;
      throw toHttpError({ status: 403, code: 'CSRF_PREVENTED', message });
    },
  };
}

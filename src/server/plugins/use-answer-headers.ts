import type { Plugin } from 'graphql-yoga';
import type { ClientConfig } from '../../config/config.ts';
import { SECURITY_HEADERS } from '../http/security-headers.ts';

/** The headers of requests on which answers depend. */
const VARY = ['Accept', 'X-API-KEY', 'X-API-KEYS'];

/** The `Vary` of every answer. */
export function toVary({ corsOrigins }: Pick<ClientConfig, 'corsOrigins'>): string {
  return (corsOrigins.length === 0 ? VARY : [...VARY, 'Origin']).join(', ');
}

/** Gives every answer the headers that keep it from other clients, and from being taken for something else. */
export function useAnswerHeaders(config: Pick<ClientConfig, 'corsOrigins'>): Plugin {
  const vary = toVary(config);
  return {
    onResponse({ response: { headers } }) {
      headers.set('vary', vary);
      for (const [name, value] of Object.entries(SECURITY_HEADERS)) {
        if (!headers.has(name)) headers.set(name, value);
      }
    },
  };
}

import type { Plugin } from 'graphql-yoga';
import type { ClientConfig } from '../../config/config.ts';
import { SECURITY_HEADERS } from '../http/security-headers.ts';
import { toVary } from '../http/to-vary.ts';

/** Gives every answer the headers that keep it from other clients, and from being taken for something else. */
export function useAnswerHeaders(config: Pick<ClientConfig, 'corsOrigins' | 'keyRingsPath'>): Plugin {
  const vary = toVary(config);
  return {
    onResponse({ response: { headers } }) {
      headers.set('vary', headers.get('vary') === 'Accept-Encoding' ? `${vary}, Accept-Encoding` : vary);
      for (const [name, value] of Object.entries(SECURITY_HEADERS)) {
        if (!headers.has(name)) headers.set(name, value);
      }
    },
  };
}

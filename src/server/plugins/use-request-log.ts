import type { Plugin } from 'graphql-yoga';
import type { Clock } from '../../lib/clock.ts';
import type { Logger } from '../../lib/logger.ts';

/** Other paths are texts of the client, and are not logged. */
const KNOWN_PATHS = ['/', '/graphql', '/health', '/ready'];

/**
 * Logs a debug line for each request when its response begins. The access log tells of operations. Of what the client
 * sent, only the method is logged, and the path if it is known.
 */
export function useRequestLog({ logger, clock }: { readonly logger: Logger; readonly clock: Clock }): Plugin {
  const startedAtMs = new WeakMap<Request, number>();
  return {
    onRequest({ request }) {
      startedAtMs.set(request, clock.now());
    },
    onResponse({ request, response }) {
      const durationMs = clock.now() - (startedAtMs.get(request) ?? clock.now());
      const { pathname } = new URL(request.url);
      const path = KNOWN_PATHS.find((known) => known === pathname) ?? 'another';
      logger.debug({ method: request.method, path, status: response.status, durationMs }, 'request answered');
    },
  };
}

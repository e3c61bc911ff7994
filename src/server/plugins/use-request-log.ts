import type { Plugin } from 'graphql-yoga';
import type { Clock } from '../../lib/clock.ts';
import type { Logger } from '../../lib/logger.ts';

/** Logs each request when it is answered. Of what the client sent, only the method and the path are logged. */
export function useRequestLog({ logger, clock }: { readonly logger: Logger; readonly clock: Clock }): Plugin {
  const startedAtMs = new WeakMap<Request, number>();
  return {
    onRequest({ request }) {
      startedAtMs.set(request, clock.now());
    },
    onResponse({ request, response }) {
      const durationMs = clock.now() - (startedAtMs.get(request) ?? clock.now());
      const { pathname } = new URL(request.url);
      logger.info(
        { method: request.method, path: pathname, status: response.status, durationMs },
        'request answered',
      );
    },
  };
}

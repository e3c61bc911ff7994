import type { Plugin } from 'graphql-yoga';

/**
 * Answers those who watch the process: `/health` as long as it lives, and `/ready` as long as it accepts requests. What
 * happens to the qBraid API changes neither: another process would meet the same.
 *
 * It stands before all plugins that may refuse a request.
 */
export function useProbes(isReady: () => boolean): Plugin {
  const probes: Readonly<Record<string, () => Probe>> = {
    '/health': () => ({ status: 200, text: 'alive\n' }),
    '/ready': () => (isReady() ? { status: 200, text: 'ready\n' } : { status: 503, text: 'draining\n' }),
  };
  return {
    onRequest({ request: { method }, url, endResponse, fetchAPI }) {
      if (!Object.hasOwn(probes, url.pathname) || !['GET', 'HEAD'].includes(method)) return;
      const probe = probes[url.pathname]?.();
      if (probe === undefined) return;
      const headers = { 'content-type': 'text/plain' };
      endResponse(
        new fetchAPI.Response(method === 'HEAD' ? null : probe.text, { status: probe.status, headers }),
      );
    },
  };
}

interface Probe {
  readonly status: number;
  readonly text: string;
}

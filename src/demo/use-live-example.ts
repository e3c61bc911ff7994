import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Plugin } from 'graphql-yoga';
import { createPage } from '../server/http/create-page.ts';

/** The path of the example. */
export const LIVE_EXAMPLE_PATH = '/examples/live-jobs';

const CLIENT_PATH = '/examples/graphql-sse.js';

/** Serves `examples/live-jobs.html` with this key filled in, and the client library that the page loads. */
export function useLiveExample(apiKey: string): Plugin {
  const text = readFileSync(new URL('../../examples/live-jobs.html', import.meta.url), 'utf8');
  const page = {
    allow: ["style-src 'nonce-{nonce}'"],
    render: (nonce: string) =>
      text
        .replace('id="key" value=""', `id="key" value="${apiKey}"`)
        .replace(/<(?:script|style)(?=[ >])/g, `$& nonce="${nonce}"`),
  };
  const manifest = createRequire(import.meta.url).resolve('graphql-sse/package.json');
  const client = readFileSync(manifest.replace(/[^/\\]+$/, 'umd/graphql-sse.min.js'), 'utf8');
  return {
    async onRequest({ request, url: { pathname }, fetchAPI, endResponse }) {
      if (request.method !== 'GET') return;
      if (pathname === LIVE_EXAMPLE_PATH) endResponse(await createPage(page, fetchAPI));
      if (pathname !== CLIENT_PATH) return;
      const headers = { 'content-type': 'text/javascript; charset=utf-8' };
      endResponse(new fetchAPI.Response(client, { headers }));
    },
  };
}

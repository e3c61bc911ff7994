import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Plugin } from 'graphql-yoga';

/** The path of the example. */
export const LIVE_EXAMPLE_PATH = '/examples/live-jobs';

const CLIENT_PATH = '/examples/graphql-sse.js';

/** Serves `examples/live-jobs.html` with this key filled in, and the client library that the page loads. */
export function useLiveExample(apiKey: string): Plugin {
  const page = readFileSync(new URL('../../examples/live-jobs.html', import.meta.url), 'utf8');
  const client = createRequire(import.meta.url).resolve('graphql-sse/package.json');
  const files = new Map([
    [
      LIVE_EXAMPLE_PATH,
      { type: 'text/html', text: page.replace('id="key" value=""', `id="key" value="${apiKey}"`) },
    ],
    [
      CLIENT_PATH,
      {
        type: 'text/javascript',
        text: readFileSync(client.replace(/[^/\\]+$/, 'umd/graphql-sse.min.js'), 'utf8'),
      },
    ],
  ]);
  return {
    onRequest({ request, url, fetchAPI, endResponse }) {
      const file = request.method === 'GET' ? files.get(url.pathname) : undefined;
      if (file === undefined) return;
      endResponse(
        new fetchAPI.Response(file.text, { headers: { 'content-type': `${file.type}; charset=utf-8` } }),
      );
    },
  };
}

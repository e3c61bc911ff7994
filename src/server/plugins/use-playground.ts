import type { GraphiQLOptions, Plugin } from 'graphql-yoga';
import { createPage } from '../http/create-page.ts';
import { type Playground, toGraphiQLOptions } from '../playground.ts';

/** Its editors make styles as they go, have a font of icons, and check documents in workers. */
const ALLOW = ["style-src 'unsafe-inline'", 'font-src data:', 'worker-src blob:'];

/** GraphiQL animates its tabs and leaves them in a wrong place: each tab moves away from the first click on it. */
const STYLE = '.graphiql-tab { transform: none !important }';

/**
 * Serves browsers GraphiQL in place of the GraphQL endpoint, from this process alone, and redirects them from the root to
 * it.
 */
export function usePlayground(playground: Playground): Plugin {
  const options = toGraphiQLOptions(playground);
  const page = { allow: ALLOW, render: (nonce: string) => render(options, nonce) };
  return {
    async onRequest({ request: { method, headers }, url: { pathname }, fetchAPI, endResponse }) {
      if (method !== 'GET' || !headers.get('accept')?.includes('text/html')) return;
      if (pathname === '/') {
        endResponse(new fetchAPI.Response(null, { status: 302, headers: { location: '/graphql' } }));
      }
      if (pathname === '/graphql') endResponse(await createPage(page, fetchAPI));
    },
  };
}

/** Loads GraphiQL when somebody first opens it: it takes 50 MB of memory, which most gateways never need. */
async function render(options: GraphiQLOptions, nonce: string): Promise<string> {
  const graphiql = await import('@graphql-yoga/render-graphiql');
  return graphiql
    .renderGraphiQL(options)
    .replace('</head>', `<style>${STYLE}</style></head>`)
    .replace('<script>', `<script nonce="${nonce}">`);
}

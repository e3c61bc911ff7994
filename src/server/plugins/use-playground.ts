import type { Plugin } from 'graphql-yoga';
import { createLivePage } from '../pages/create-live-page.ts';
import { createPlaygroundPage } from '../pages/create-playground-page.ts';
import { LIVE_PAGE_PATH } from '../pages/live-page-path.ts';
import type { Playground } from '../pages/playground.ts';

/**
 * Serves browsers GraphiQL in place of the GraphQL endpoint, and the live page, from this process alone. Redirects them
 * from the root to GraphiQL.
 */
export function usePlayground(playground: Playground): Plugin {
  const graphiql = createPlaygroundPage(playground);
  const live = createLivePage(playground);
  return {
    async onRequest({ request: { method, headers }, url: { pathname }, fetchAPI, endResponse }) {
      if (method !== 'GET') return;
      if (pathname === LIVE_PAGE_PATH) endResponse(await live.open(fetchAPI));
      for (const page of [graphiql, live]) {
        const asset = await page.find(pathname, headers, fetchAPI);
        if (asset !== null) endResponse(asset);
      }
      if (!headers.get('accept')?.includes('text/html')) return;
      if (pathname === '/') {
        endResponse(new fetchAPI.Response(null, { status: 302, headers: { location: '/graphql' } }));
      }
      if (pathname === '/graphql') endResponse(await graphiql.open(fetchAPI));
    },
  };
}

import { LIVE_PAGE_PATH } from './live-page-path.ts';
import { Page } from './page.ts';
import { type Playground, toPlaygroundTabs } from './playground.ts';

/** The editors make styles as they go, have a font of icons, and check documents in workers. */
const ALLOW = ["style-src 'self' 'unsafe-inline'", 'font-src data:', "worker-src 'self'"];

/** The playground: GraphiQL, with our examples as its tabs. */
export function createPlaygroundPage(playground: Playground): Page {
  return new Page({
    name: 'playground',
    data: { tabs: toPlaygroundTabs(playground), livePage: LIVE_PAGE_PATH },
    allow: ALLOW,
    loadPackages: loadGraphiQL,
  });
}

/** It takes 50 MB of memory. */
async function loadGraphiQL(): Promise<Readonly<Record<string, string>>> {
  const { css, js, editorWorkerService, graphqlWorker, jsonWorker } = await import(
    '@graphql-yoga/render-graphiql/graphiql'
  );
  return {
    'graphiql.css': css,
    'graphiql.js': js,
    'editor-worker.js': editorWorkerService,
    'graphql-worker.js': graphqlWorker,
    'json-worker.js': jsonWorker,
  };
}

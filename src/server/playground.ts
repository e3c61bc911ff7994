import { readdirSync, readFileSync } from 'node:fs';
import type { GraphiQLOptions, LandingPageRenderer } from 'graphql-yoga';

/** What the playground shows at first. */
export interface Playground {
  /** The key that is filled in: one of the sandbox in the demo, else none. */
  readonly apiKey: string;
  /** The values of the examples' variables, by their names. One that is not given is left to be filled in. */
  readonly variables: Readonly<Record<string, unknown>>;
}

/** GraphiQL animates its tabs, which leaves them out of place: each then moves away from under the first click on it. */
const STYLE = '.graphiql-tab { transform: none !important }';

/**
 * The options that make Yoga serve GraphiQL with our examples as tabs, from this process alone, and lead browsers there
 * from the root; or none of it.
 */
export function toYogaPlayground(playground: Playground | null) {
  if (playground === null) return { graphiql: false };
  const graphiql: GraphiQLOptions = {
    title: 'qBraid jobs',
    headers: JSON.stringify({ 'X-API-KEY': playground.apiKey }, null, 2),
    defaultEditorToolsVisibility: 'headers',
    // A key that somebody typed should not outlive the page.
    shouldPersistHeaders: false,
    defaultTabs: readExamples().map((query) => ({ query, variables: variablesOf(query, playground) })),
    method: 'POST',
  };
  return { graphiql, renderGraphiQL, landingPage };
}

/** Loads GraphiQL when somebody wants to see it: it takes 50 MB, which a gateway without visitors need not have. */
async function renderGraphiQL(options: GraphiQLOptions): Promise<string> {
  const graphiql = await import('@graphql-yoga/render-graphiql');
  return graphiql.renderGraphiQL(options).replace('</head>', `<style>${STYLE}</style></head>`);
}

const landingPage: LandingPageRenderer = ({ url, graphqlEndpoint, fetchAPI }) =>
  url.pathname === '/'
    ? new fetchAPI.Response(null, { status: 302, headers: { location: graphqlEndpoint } })
    : new fetchAPI.Response(null, { status: 404 });

function readExamples(): readonly string[] {
  const folder = new URL('../../examples/', import.meta.url);
  return readdirSync(folder)
    .filter((name) => name.endsWith('.graphql'))
    .sort()
    .map((name) => readFileSync(new URL(name, folder), 'utf8'));
}

function variablesOf(query: string, { variables }: Playground): string | null {
  const names = [...query.matchAll(/\$(\w+):/g)].map(([, name = '']) => name);
  if (names.length === 0) return null;
  return JSON.stringify(Object.fromEntries(names.map((name) => [name, variables[name] ?? ''])), null, 2);
}

import { readdirSync, readFileSync } from 'node:fs';
import type { GraphiQLOptions, LandingPageRenderer } from 'graphql-yoga';

/** What the playground shows when it opens. */
export interface Playground {
  /** The key that is filled in: a key of the sandbox in the demo, otherwise none (an empty text). */
  readonly apiKey: string;
  /** The values of the variables in the examples, by name. A variable without a value is left empty. */
  readonly variables: Readonly<Record<string, unknown>>;
}

/** GraphiQL animates its tabs and leaves them in a wrong place: each tab moves away from the first click on it. */
const STYLE = '.graphiql-tab { transform: none !important }';

/**
 * Makes the options with which Yoga serves GraphiQL from this process alone, with our examples as tabs, and redirects
 * browsers from the root to it. Without a playground, Yoga serves neither.
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

/** Loads GraphiQL when somebody first opens it: it takes 50 MB of memory, which most gateways never need. */
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

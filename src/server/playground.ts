import { readdirSync, readFileSync } from 'node:fs';
import { renderGraphiQL } from '@graphql-yoga/render-graphiql';
import type { GraphiQLOptions } from 'graphql-yoga';

/** What the playground shows at first. */
export interface Playground {
  /** The key that is filled in: one of the sandbox in the demo, else none. */
  readonly apiKey: string;
  /** The values of the examples' variables, by their names. */
  readonly variables: Readonly<Record<string, unknown>>;
}

/** The options that make Yoga serve GraphiQL with our examples as tabs, from this process alone; or none. */
export function toYogaPlayground(playground: Playground | null) {
  if (playground === null) return { graphiql: false };
  const graphiql: GraphiQLOptions = {
    title: 'qBraid jobs',
    headers: JSON.stringify({ 'X-API-KEY': playground.apiKey }, null, 2),
    // A key that somebody typed should not outlive the page.
    shouldPersistHeaders: false,
    defaultTabs: readExamples().map((query) => ({ query, variables: variablesOf(query, playground) })),
    method: 'POST',
  };
  return { graphiql, renderGraphiQL };
}

function readExamples(): readonly string[] {
  const folder = new URL('../../examples/', import.meta.url);
  return readdirSync(folder)
    .filter((name) => name.endsWith('.graphql'))
    .sort()
    .map((name) => readFileSync(new URL(name, folder), 'utf8'));
}

function variablesOf(query: string, { variables }: Playground): string | null {
  const used = Object.entries(variables).filter(([name]) => query.includes(`$${name}:`));
  return used.length === 0 ? null : JSON.stringify(Object.fromEntries(used), null, 2);
}

import { readdirSync, readFileSync } from 'node:fs';
import type { GraphiQLOptions } from 'graphql-yoga';

/** What the playground shows when it opens. */
export interface Playground {
  /** The key that is filled in: a key of the sandbox in the demo, otherwise none (an empty text). */
  readonly apiKey: string;
  /** The values of the variables in the examples, by name. A variable without a value is left empty. */
  readonly variables: Readonly<Record<string, unknown>>;
}

/** Makes the options with which GraphiQL shows our examples as tabs. */
export function toGraphiQLOptions(playground: Playground): GraphiQLOptions {
  return {
    title: 'qBraid jobs',
    headers: JSON.stringify({ 'X-API-KEY': playground.apiKey }, null, 2),
    defaultEditorToolsVisibility: 'headers',
    // A key that somebody typed should not outlive the page.
    shouldPersistHeaders: false,
    defaultTabs: readExamples().map((query) => ({ query, variables: variablesOf(query, playground) })),
    method: 'POST',
  };
}

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

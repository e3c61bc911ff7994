import { readdirSync, readFileSync } from 'node:fs';
import { packageUrl } from '../../lib/package-url.ts';

/** What the playground and the live page show when they open. */
export interface Playground {
  /** The keys that are filled in: those of the sandbox in the demo, otherwise none. */
  readonly keys: readonly { readonly label: string; readonly key: string }[];
  /** The values of the variables in the examples, by name. A variable without a value is left empty. */
  readonly variables: Readonly<Record<string, unknown>>;
}

/** A tab of the playground, as GraphiQL takes it: JSON texts, or null for what it does not have. */
export interface PlaygroundTab {
  readonly query: string;
  readonly variables: string | null;
  readonly headers: string;
}

/** Stands in the example of a team where its keys are not known. */
const SOMEBODY = [
  { label: 'alice', key: '<key>' },
  { label: 'bob', key: '<key>' },
];

/** Makes a tab of each example, with the headers and variables that it talks of. */
export function toPlaygroundTabs({ keys, variables }: Playground): readonly PlaygroundTab[] {
  const one = toJson({ 'X-API-KEY': keys[0]?.key ?? '' });
  const all = toJson({ 'X-API-KEYS': toKeyring(keys.length === 0 ? SOMEBODY : keys) });
  return readExamples().map((query) => ({
    query,
    variables: variablesOf(query, variables),
    headers: /^#.*X-API-KEYS/m.test(query) ? all : one,
  }));
}

function readExamples(): readonly string[] {
  const folder = packageUrl('examples/operations/');
  return readdirSync(folder)
    .filter((name) => name.endsWith('.graphql'))
    .sort()
    .map((name) => readFileSync(new URL(name, folder), 'utf8'));
}

function variablesOf(query: string, values: Playground['variables']): string | null {
  const names = [...query.matchAll(/\$(\w+):/g)].map(([, name = '']) => name);
  if (names.length === 0) return null;
  return toJson(Object.fromEntries(names.map((name) => [name, values[name] ?? ''])));
}

function toKeyring(keys: Playground['keys']): string {
  return keys.map(({ label, key }) => `${label}=${key}`).join(', ');
}

function toJson(value: object): string {
  return JSON.stringify(value, null, 2);
}

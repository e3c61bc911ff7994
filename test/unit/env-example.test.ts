import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { describe, expect, test } from 'vitest';
import { parseConfig } from '../../src/config/parse-config.ts';

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const known = [...read('src/config/variables.ts').matchAll(/^ {2}([A-Z_]+): /gm)].map(([, name]) => name);
const example = read('.env.example');
const variables = parseEnv(example.replaceAll(/^# (?=[A-Z_]+=)/gm, '')) as Record<string, string>;

describe('.env.example', () => {
  test('sets nothing by itself', () => {
    expect(parseEnv(example)).toEqual({});
  });

  test('names the variables of the configuration, in their order', () => {
    expect([...example.matchAll(/^# ([A-Z_]+)=/gm)].map(([, name]) => name)).toEqual(known);
  });

  test('gives every variable its default', () => {
    expect(parseConfig(variables)).toEqual(parseConfig({}));
    const withoutDefault = Object.keys(variables).filter((name) => variables[name] === '');
    expect(withoutDefault.sort()).toEqual([
      'CORS_ORIGINS',
      'CSRF_PREVENTION',
      'FIELD_SUGGESTIONS',
      'FLEET_SECRET',
      'FLEET_SIZE',
      'GRAPHIQL',
      'HTTPS_PROXY',
      'HTTP_PROXY',
      'INTROSPECTION',
      'KEYRINGS_FILE',
      'METRICS_PORT',
      'NODE_ENV',
      'NO_PROXY',
      'PERSISTED_OPERATIONS',
      'REDIS_URL',
      'TRUSTED_PROXIES',
    ]);
  });

  test('explains every variable', () => {
    const blocks = example.trim().split('\n\n').slice(1);
    expect(blocks.filter((block) => !/^(# .{5,}\n){1,3}# [A-Z_]+=\S*$/.test(block))).toEqual([]);
  });
});

test('the table of the README names the same variables, in the same order', () => {
  const rows = read('README.md').matchAll(/^\| `([A-Z_]+)` \| .*? \| \S.* \|$/gm);
  const named = [...rows].map(([, name]) => name);
  expect(named).toEqual(known);
});

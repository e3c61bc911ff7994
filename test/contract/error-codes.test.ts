import { readdirSync, readFileSync } from 'node:fs';
import { isEnumType } from 'graphql';
import { describe, expect, test } from 'vitest';
import { executableSchema } from '../../src/graphql/executable-schema.ts';

const read = (name: string) => readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8');

const type = executableSchema.getType('ErrorCode');
const codes = isEnumType(type) ? type.getValues().map(({ name }) => name) : [];

/** Those that Yoga gives to what it parses and validates, and where it finds no operation. */
const OF_YOGA = ['GRAPHQL_PARSE_FAILED', 'GRAPHQL_VALIDATION_FAILED', 'OPERATION_RESOLUTION_FAILURE'];

/** The sources in which errors get their codes: what the sandbox sends is the word of the qBraid API. */
const sources = ['src/graphql', 'src/server']
  .flatMap((folder) =>
    readdirSync(new URL(`../../${folder}`, import.meta.url), { encoding: 'utf8', recursive: true }).map(
      (name) => `${folder}/${name}`,
    ),
  )
  .filter((name) => name.endsWith('.ts') && !name.endsWith('.generated.ts'))
  .map(read)
  .join('\n');

const wordsIn = (text: string, pattern: RegExp) =>
  new Set([...text.matchAll(pattern)].map(([, word]) => word));

/** The codes in a column of the tables of a page: columns count from 1. */
const explainedIn = (page: string, column: number) => {
  const rows = read(page)
    .split('\n')
    .filter((line) => line.startsWith('| '));
  return rows.flatMap((row) => [...wordsIn(row.split('|')[column] ?? '', /`([A-Z_]+)`/g)]);
};

describe('ErrorCode', () => {
  test('has each code that the gateway can send', () => {
    const sent = [...wordsIn(sources, /\bcode: '([A-Z_]+)'/g), ...OF_YOGA];
    expect(sent.filter((code) => !codes.includes(code ?? ''))).toEqual([]);
  });

  test('has no code that the gateway never sends', () => {
    const quoted = wordsIn(sources, /'([A-Z_]+)'/g);
    expect(codes.filter((code) => !quoted.has(code) && !OF_YOGA.includes(code))).toEqual([]);
  });

  test('is explained in docs/errors.md, value by value', () => {
    const explained = explainedIn('docs/errors.md', 2);
    expect([...new Set(explained)].sort()).toEqual([...codes].sort());
  });

  test('has the codes of persisted operations', () => {
    expect(codes).toEqual(expect.arrayContaining(explainedIn('docs/persisted-operations.md', 1)));
  });
});

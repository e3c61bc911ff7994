import { readFileSync } from 'node:fs';
import { buildSchema, findBreakingChanges, findDangerousChanges } from 'graphql';
import { describe, expect, test } from 'vitest';

const read = (name: string) => readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8');

/** What a client of the first schema would notice to be missing in the second one, as graphql itself finds it. */
const findBreaks = (before: string, after: string) =>
  findBreakingChanges(buildSchema(before), buildSchema(after)).map(({ description }) => description);

/** Changes that no client must notice, but some do, such as a new value of an enumeration. */
const findDangers = (before: string, after: string) =>
  findDangerousChanges(buildSchema(before), buildSchema(after)).map(({ description }) => description);

describe('schema.graphql', () => {
  test('breaks nothing that the released schema promises', async ({ annotate }) => {
    const [released, current] = [read('schema.released.graphql'), read('schema.graphql')];
    // These are told, and need a line in the changelog. They fail nothing.
    for (const danger of findDangers(released, current)) await annotate(danger, 'dangerous change');
    expect(findBreaks(released, current)).toEqual([]);
  });
});

describe('a change of the schema', () => {
  const sdl = 'type Query { job(qrn: String!): Status!, name: String } enum Status { QUEUED HOLD }';

  test.each([
    [', name: String', '', 'Query.name was removed.'],
    ['Status!', 'Status', 'Query.job changed type from Status! to Status.'],
    ['qrn: String!', 'qrn: String!, key: ID!', 'A required arg key on Query.job was added.'],
    [' HOLD', '', 'HOLD was removed from enum type Status.'],
  ])('from %j to %j breaks clients', (from, to, description) => {
    expect(findBreaks(sdl, sdl.replace(from, to))).toEqual([description]);
  });

  test('breaks nobody if it only adds, but a new value is told of', () => {
    const added = sdl.replace('name: String', 'name: String, tag: String').replace('HOLD', 'HOLD LOST');
    expect(findBreaks(sdl, added)).toEqual([]);
    expect(findDangers(sdl, added)).toEqual(['LOST was added to enum type Status.']);
  });
});

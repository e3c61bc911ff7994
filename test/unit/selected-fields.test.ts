import { buildSchema, type GraphQLResolveInfo, graphqlSync } from 'graphql';
import { expect, test } from 'vitest';
import { selectedFields } from '../../src/graphql/selected-fields.ts';

const schema = buildSchema(`
  type Query { list(first: Int): List }
  type List { count: Int pageInfo: PageInfo nodes: [Node] }
  type PageInfo { next: Boolean end: String }
  type Node { name: String child: Node }
`);

/** What `selectedFields` says in the first field of this operation. */
function select(source: string, variableValues: Readonly<Record<string, unknown>> = {}): string[] {
  const seen: ReadonlySet<string>[] = [];
  const list = (_args: unknown, _context: unknown, info: GraphQLResolveInfo) => {
    seen.push(selectedFields(info));
    return null;
  };
  const { errors } = graphqlSync({ schema, source, rootValue: { list }, variableValues });
  expect(errors).toBeUndefined();
  return [...(seen[0] ?? [])].sort();
}

test.each<[source: string, expected: string[]]>([
  ['{ list { count } }', ['count']],
  ['{ list { __typename } }', ['__typename']],
  ['{ list { pageInfo { next } } }', ['pageInfo', 'pageInfo.next']],
  ['{ list { nodes { child { name } } } }', ['nodes', 'nodes.child']],
  ['{ list { total: count info: pageInfo { last: end } } }', ['count', 'pageInfo', 'pageInfo.end']],
  ['{ list { count } list { nodes { name } } }', ['count', 'nodes', 'nodes.name']],
  ['{ list { pageInfo { next } pageInfo { end } } }', ['pageInfo', 'pageInfo.end', 'pageInfo.next']],
  ['{ list { ... { count } ... on List { nodes { name } } } }', ['count', 'nodes', 'nodes.name']],
  [
    '{ list { ...A } } fragment A on List { count ...B } fragment B on List { pageInfo { ...C } } fragment C on PageInfo { end }',
    ['count', 'pageInfo', 'pageInfo.end'],
  ],
  ['{ list { count nodes @skip(if: true) { name } } }', ['count']],
  ['{ list { count nodes @include(if: false) { name } } }', ['count']],
  ['{ list { count nodes @skip(if: false) @include(if: true) { name } } }', ['count', 'nodes', 'nodes.name']],
  ['{ list { count ... @include(if: false) { nodes { name } } } }', ['count']],
  ['{ list { count ...A @skip(if: true) } } fragment A on List { nodes { name } }', ['count']],
  ['{ list { pageInfo { next end @skip(if: true) } } }', ['pageInfo', 'pageInfo.next']],
  ['{ a: list { count } b: list { nodes { name } } }', ['count']],
])('%s selects %j', (source, expected) => {
  expect(select(source)).toEqual(expected);
});

test.each<[variables: Record<string, unknown>, expected: string[]]>([
  [{ all: true }, ['count', 'nodes', 'nodes.name']],
  [{ all: false }, ['count']],
  [{}, ['count']],
])('with the variables %j, what they include is selected', (variables, expected) => {
  const source = 'query ($all: Boolean! = false) { list { count nodes @include(if: $all) { name } } }';
  expect(select(source, variables)).toEqual(expected);
});

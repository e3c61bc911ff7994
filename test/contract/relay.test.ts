import {
  buildClientSchema,
  type GraphQLField,
  type GraphQLObjectType,
  getIntrospectionQuery,
  getNamedType,
  isInterfaceType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql';
import { describe, expect, test } from 'vitest';
import { toGlobalId } from '../../src/graphql/global-id.ts';
import { createTestGateway } from '../support/create-test-gateway.ts';
import { someJobs } from '../support/job-builder.ts';
import { type JobLists, jobService } from '../support/job-service.ts';

// GraphQL Cursor Connections Specification: https://relay.dev/graphql/connections.htm
// GraphQL Global Object Identification Specification: https://graphql.org/learn/global-object-identification

const readPage = `query ($first: Int, $after: String, $last: Int, $before: String) {
  jobs(first: $first, after: $after, last: $last, before: $before) {
    edges { cursor node { qrn } }
    pageInfo { hasPreviousPage hasNextPage startCursor endCursor }
  }
}`;

const openList = (jobs = someJobs(5)) => createTestGateway(jobService({ 'alice-key': jobs }));

/** The schema as clients see it. */
async function introspect() {
  const { query } = await openList();
  const { data } = await query(getIntrospectionQuery(), { key: null });
  return buildClientSchema(data);
}

/** The fields of an object type: their types by name. */
async function fieldsOf(name: string): Promise<Record<string, string>> {
  const type = (await introspect()).getType(name);
  const fields = isObjectType(type) || isInterfaceType(type) ? Object.values(type.getFields()) : [];
  return Object.fromEntries(fields.map((field) => [field.name, String(field.type)]));
}

/** The field of the query root with this name: its type and those of its arguments. */
async function queryField(name: string) {
  const field = (await introspect()).getQueryType()?.getFields()[name];
  return { type: String(field?.type), args: argumentsOf(field) };
}

function argumentsOf(field: GraphQLField<unknown, unknown> | undefined): Record<string, string> {
  return Object.fromEntries((field?.args ?? []).map((argument) => [argument.name, String(argument.type)]));
}

/** A list of five jobs, 0 to 4, and what reads a page of it: its jobs by their numbers. */
async function openPages() {
  const { query } = await openList();
  const { data } = await query(readPage);
  const cursors: string[] = data.jobs.edges.map(({ cursor }: { cursor: string }) => cursor);
  const read = async (variables: object) =>
    (await query(readPage, { variables: { ...variables } })).data.jobs;
  const numbers = async (variables: object): Promise<number[]> =>
    (await read(variables)).edges.map((edge: { node: { qrn: string } }) => Number(edge.node.qrn.slice(-1)));
  return { query, cursors, read, numbers };
}

describe('Connections, reserved types', () => {
  test('every type whose name ends in Connection is an object', async () => {
    const types = Object.values((await introspect()).getTypeMap());
    const connections = types.filter(({ name }) => name.endsWith('Connection'));
    expect(connections.map((type) => [type.name, isObjectType(type)])).toEqual([['JobConnection', true]]);
  });

  test('there is an object called PageInfo', async () => {
    expect(isObjectType((await introspect()).getType('PageInfo'))).toBe(true);
  });
});

describe('Connections, connection types', () => {
  test('have edges, which is a list of an edge type', async () => {
    expect(await fieldsOf('JobConnection')).toMatchObject({ edges: '[JobEdge!]!' });
  });

  test('have pageInfo, which is a PageInfo and never null', async () => {
    expect(await fieldsOf('JobConnection')).toMatchObject({ pageInfo: 'PageInfo!' });
  });
});

describe('Connections, edge types', () => {
  test('are objects', async () => {
    expect(isObjectType((await introspect()).getType('JobEdge'))).toBe(true);
  });

  test('have a node, which is no list', async () => {
    const edge = (await introspect()).getType('JobEdge') as GraphQLObjectType;
    const type = edge.getFields()['node']?.type;
    expect([String(type), isListType(type)]).toEqual(['Job', false]);
  });

  test('have a cursor, which serializes as a string', async () => {
    const { cursors } = await openPages();
    expect(await fieldsOf('JobEdge')).toMatchObject({ cursor: 'String!' });
    expect(cursors.map((cursor) => typeof cursor)).toEqual(Array(5).fill('string'));
  });
});

describe('Connections, arguments', () => {
  test('a field that returns a connection pages forward by first and after', async () => {
    expect((await queryField('jobs')).args).toMatchObject({ first: 'Int', after: 'String' });
  });

  test('a field that returns a connection pages backward by last and before', async () => {
    expect((await queryField('jobs')).args).toMatchObject({ last: 'Int', before: 'String' });
  });

  test('after and before take what cursor returns', async () => {
    const schema = await introspect();
    const { args } = schema.getQueryType()?.getFields()['jobs'] ?? { args: [] };
    const cursor = (schema.getType('JobEdge') as GraphQLObjectType).getFields()['cursor'];
    const types = args.filter(({ name }) => name === 'after' || name === 'before').map(({ type }) => type);
    expect(types).toEqual([getNamedType(cursor?.type), getNamedType(cursor?.type)]);
  });

  test('first gives at most so many edges', async () => {
    const { numbers } = await openPages();
    expect(await Promise.all([0, 1, 3, 5, 9].map((first) => numbers({ first })))).toEqual([
      [],
      [0],
      [0, 1, 2],
      [0, 1, 2, 3, 4],
      [0, 1, 2, 3, 4],
    ]);
  });

  test('last gives at most so many edges', async () => {
    const { numbers } = await openPages();
    expect(await Promise.all([0, 1, 3, 5, 9].map((last) => numbers({ last })))).toEqual([
      [],
      [4],
      [2, 3, 4],
      [0, 1, 2, 3, 4],
      [0, 1, 2, 3, 4],
    ]);
  });
});

describe('Connections, edge order', () => {
  test('is the same by first and after as by last and before', async () => {
    const { numbers, cursors } = await openPages();
    const [first, , , , last] = cursors;
    expect(await numbers({ first: 3, after: first })).toEqual([1, 2, 3]);
    expect(await numbers({ last: 3, before: last })).toEqual([1, 2, 3]);
  });

  test('puts the edge closest to before last', async () => {
    const { numbers, cursors } = await openPages();
    expect(await numbers({ last: 2, before: cursors[3] })).toEqual([1, 2]);
  });

  test('puts the edge closest to after first', async () => {
    const { numbers, cursors } = await openPages();
    expect(await numbers({ first: 2, after: cursors[1] })).toEqual([2, 3]);
  });
});

describe('Connections, pagination algorithm', () => {
  test.each<[what: string, page: (cursors: readonly string[]) => object, expected: number[]]>([
    ['removes all up to and with after', ([, after]) => ({ after }), [2, 3, 4]],
    ['removes all from before on', ([, , , before]) => ({ before }), [0, 1, 2]],
    ['leaves what is between both', ([after, , , before]) => ({ after, before }), [1, 2]],
    [
      'cuts first from the end of what is left',
      ([after, , , , before]) => ({ after, before, first: 2 }),
      [1, 2],
    ],
    [
      'cuts last from the start of what is left',
      ([after, , , , before]) => ({ after, before, last: 2 }),
      [2, 3],
    ],
    ['cuts first in front of before', ([, , before]) => ({ before, first: 1 }), [0]],
    ['cuts last behind after', ([, , after]) => ({ after, last: 1 }), [4]],
  ])('%s', async (_, page, expected) => {
    const { numbers, cursors } = await openPages();
    expect(await numbers(page(cursors))).toEqual(expected);
  });

  test.each(['first', 'last'])('throws an error where %s is less than 0', async (name) => {
    const { query, upstream } = await openList();

    const answer = await query(readPage, { variables: { [name]: -1 } });

    expect(answer).toMatchObject({
      data: { jobs: null },
      errors: [
        {
          message: `\`${name}\` must be from 0 to 500, got -1: read longer lists page by page.`,
          extensions: { code: 'BAD_USER_INPUT' },
        },
      ],
    });
    expect(upstream.requests).toEqual([]);
  });
});

describe('Connections, PageInfo', () => {
  test('has hasPreviousPage and hasNextPage, which are booleans and never null', async () => {
    expect(await fieldsOf('PageInfo')).toMatchObject({
      hasPreviousPage: 'Boolean!',
      hasNextPage: 'Boolean!',
    });
  });

  test('has startCursor and endCursor, which are opaque strings', async () => {
    expect(await fieldsOf('PageInfo')).toMatchObject({ startCursor: 'String', endCursor: 'String' });
  });

  test('hasPreviousPage tells by last whether edges stand in front', async () => {
    const { read } = await openPages();
    const pages = await Promise.all([4, 5].map((last) => read({ last })));
    expect(pages.map(({ pageInfo }) => pageInfo.hasPreviousPage)).toEqual([true, false]);
  });

  test('hasNextPage tells by first whether edges follow', async () => {
    const { read } = await openPages();
    const pages = await Promise.all([4, 5].map((first) => read({ first })));
    expect(pages.map(({ pageInfo }) => pageInfo.hasNextPage)).toEqual([true, false]);
  });

  test('hasPreviousPage by after, and hasNextPage by before, tell of the jobs beyond the cursor', async () => {
    const { read, cursors } = await openPages();
    const [, behind, , before] = cursors;
    const [forward, backward] = [await read({ first: 1, after: behind }), await read({ last: 1, before })];
    expect([forward.pageInfo.hasPreviousPage, backward.pageInfo.hasNextPage]).toEqual([true, true]);
  });

  test('startCursor and endCursor are those of the first and the last of the edges', async () => {
    const { read } = await openPages();
    const { edges, pageInfo } = await read({ first: 3 });
    expect(pageInfo).toMatchObject({ startCursor: edges[0].cursor, endCursor: edges[2].cursor });
  });

  test('startCursor and endCursor are null where there are no edges', async () => {
    const { read } = await openPages();
    const { edges, pageInfo } = await read({ first: 0 });
    expect([edges, pageInfo]).toMatchObject([[], { startCursor: null, endCursor: null }]);
  });
});

describe('Object Identification, the interface', () => {
  test('is called Node and has exactly one field, a non-null id', async () => {
    const type = (await introspect()).getType('Node');
    expect(isInterfaceType(type)).toBe(true);
    expect(await fieldsOf('Node')).toEqual({ id: 'ID!' });
  });

  test('is implemented by every object that has an id', async () => {
    const schema = await introspect();
    const types = Object.values(schema.getTypeMap()).filter(isObjectType);
    const withId = types.filter((type) => type.getFields()['id'] !== undefined);
    expect(withId.map((type) => [type.name, type.getInterfaces().map(String)])).toEqual([['Job', ['Node']]]);
  });

  test('has ids that are unique, and the same for the same job', async () => {
    const { query } = await openList(someJobs(100));
    const { data } = await query(
      '{ jobs(first: 100) { nodes { id } } again: jobs(last: 100) { nodes { id } } }',
    );
    expect(new Set(data.jobs.nodes.map(({ id }: { id: string }) => id)).size).toBe(100);
    expect(data.again).toEqual(data.jobs);
  });

  test('has ids from which the object alone is told, whichever key it is seen through', async () => {
    const [job] = someJobs(1);
    const { query } = await createTestGateway(jobService({ a: job ? [job] : [], b: job ? [job] : [] }));
    const ids = await Promise.all(['a', 'b'].map((key) => query('{ jobs { nodes { id } } }', { key })));
    const answer = { data: { jobs: { nodes: [{ id: toGlobalId('qbraid:job:0') }] } } };
    expect(ids).toEqual([answer, answer]);
  });
});

describe('Object Identification, the node field', () => {
  test('is called node, returns the interface, and takes exactly one argument, a non-null id', async () => {
    expect(await queryField('node')).toEqual({ type: 'Node', args: { id: 'ID!' } });
  });

  test('gives the identical object for the id of an object', async () => {
    const { query, clock } = await openList();
    const fields = 'id qrn name status shots vendor tags createdAt cost estimatedCost isTerminal keys';
    const { data } = await query(`{ jobs(first: 1) { nodes { ${fields} } } }`);
    const [job] = data.jobs.nodes;
    clock.advance(3_600_000);

    const again = await query(`query ($id: ID!) { node(id: $id) { __typename ... on Job { ${fields} } } }`, {
      variables: { id: job.id },
    });

    expect(again).toEqual({ data: { node: { __typename: 'Job', ...job } } });
  });

  test('gives null, and no error, for the id of an object that is gone', async () => {
    const lists: JobLists = { 'alice-key': someJobs(2) };
    const { query, clock } = await createTestGateway(jobService(lists));
    const { data } = await query('{ jobs(first: 1) { nodes { id } } }');
    lists['alice-key']?.shift();
    clock.advance(3_600_000);

    const again = await query('query ($id: ID!) { node(id: $id) { id } }', {
      variables: { id: data.jobs.nodes[0].id },
    });

    expect(again).toEqual({ data: { node: null } });
  });

  test.each(['', 'x', 'Sm9i', toGlobalId('a/b:c'), Buffer.from('User:a:1').toString('base64url')])(
    'refuses %j, which is the id of nothing, without asking the upstream',
    async (id) => {
      const { query, upstream } = await openList();
      const answer = await query('query ($id: ID!) { node(id: $id) { id } }', { variables: { id } });
      expect(answer).toMatchObject({
        data: { node: null },
        errors: [{ extensions: { code: 'BAD_USER_INPUT' } }],
      });
      expect(upstream.requests).toEqual([]);
    },
  );
});

describe('Object Identification, field stability', () => {
  test('two objects with one id in one answer are equal', async () => {
    const { query } = await openList();
    const id = toGlobalId('qbraid:job:1');

    const { data } = await query(
      `query ($id: ID!) {
        node(id: $id) { ...it } nodes(ids: [$id, $id]) { ...it } job(qrn: "qbraid:job:1") { ...it }
        jobs(first: 1, after: null) { edges { node { id } } } again: node(id: $id) { ...it }
      }
      fragment it on Job { id qrn status shots keys fetchedAt }`,
      { variables: { id } },
    );

    expect([data.nodes, data.job, data.again]).toEqual([[data.node, data.node], data.node, data.node]);
    expect(data.node).toMatchObject({ id, qrn: 'qbraid:job:1' });
  });
});

describe('Object Identification, plural identifying root fields', () => {
  test('take one argument, a list that is never null, and return a list', async () => {
    const { type, args } = await queryField('nodes');
    const argument = (await introspect()).getQueryType()?.getFields()['nodes']?.args[0]?.type;
    expect({ type, args }).toEqual({ type: '[Node]!', args: { ids: '[ID!]!' } });
    expect([isNonNullType(argument), isLeafType(getNamedType(argument))]).toEqual([true, true]);
  });

  test.each<[what: string, names: string[], expected: (string | null)[]]>([
    ['of no ids', [], []],
    ['in another order than the list has', ['job:3', 'job:0', 'job:4'], ['job:3', 'job:0', 'job:4']],
    ['with the same id several times', ['job:2', 'job:1', 'job:2'], ['job:2', 'job:1', 'job:2']],
    ['with null for what is gone', ['job:1', 'gone:1', 'job:0', 'gone:2'], ['job:1', null, 'job:0', null]],
  ])('keep length and order: %s', async (_, names, expected) => {
    const { query } = await openList();

    const answer = await query('query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Job { qrn } } }', {
      variables: { ids: names.map((name) => toGlobalId(`qbraid:${name}`)) },
    });

    const nodes = expected.map((name) => (name === null ? null : { qrn: `qbraid:${name}` }));
    expect(answer).toEqual({ data: { nodes } });
  });

  test('keep length and order where one of the ids is that of nothing', async () => {
    const { query } = await openList();

    const answer = await query('query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Job { qrn } } }', {
      variables: { ids: [toGlobalId('qbraid:job:1'), 'nothing', toGlobalId('qbraid:job:0')] },
    });

    expect(answer).toMatchObject({
      data: { nodes: [{ qrn: 'qbraid:job:1' }, null, { qrn: 'qbraid:job:0' }] },
      errors: [{ path: ['nodes', 1], extensions: { code: 'BAD_USER_INPUT' } }],
    });
  });
});

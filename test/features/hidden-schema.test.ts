import { getIntrospectionQuery } from 'graphql';
import { describe, expect, test } from 'vitest';
import { executableSchema } from '../../src/graphql/executable-schema.ts';
import { createTestGateway, type QueryOptions } from '../support/create-test-gateway.ts';
import { openStream } from '../support/event-stream.ts';
import { someJobs } from '../support/job-builder.ts';
import { jobService } from '../support/job-service.ts';

const openGateway = (environment: Record<string, string>) =>
  createTestGateway(jobService({ 'alice-key': someJobs(3) }), environment);

/** Every name that the schema gives to a type, a field, an argument or a value, and that no word of a message is. */
const names = Object.values(executableSchema.getTypeMap())
  .filter(({ name }) => !name.startsWith('__'))
  .flatMap((type) => [
    type.name,
    ...('getFields' in type ? Object.values(type.getFields()) : []).flatMap((field) => [
      field.name,
      ...('args' in field ? field.args.map((argument: { name: string }) => argument.name) : []),
    ]),
    ...('getValues' in type ? type.getValues().map(({ name }) => name) : []),
  ]);

/** The names of the schema that stand in a text. */
const namesIn = (text: string) =>
  [...new Set(text.match(/\w+/g) ?? [])].filter((word) => names.includes(word));

/** A name that is nearly this one. */
const misspell = (name: string) => `${name.slice(0, -1)}x`;

describe('in production', () => {
  const production = { NODE_ENV: 'production' };

  test('a scanner that guesses names learns none', async () => {
    const { query } = await openGateway(production);
    const words = [...new Set(names)].filter((name) => /^[a-z]/.test(name));
    const probes = [
      '{ imwrongfield }',
      '{ job(qrn: "a:1") { imwrongfield } }',
      '{ __typename { imwrongfield } }',
      '{ job(qrn: "a:1") { qrn { imwrongfield } } }',
      '{ job(qrn: "a:1") }',
      '{ job { qrn } }',
      '{ job(qrm: "a:1") { qrn } }',
      '{ job(qrn: 7) { qrn } }',
      '{ jobs(first: "a") { totalCount } }',
      '{ jobs(filter: 7) { totalCount } }',
      '{ jobs(filter: { statu: RUNNING }) { totalCount } }',
      '{ jobs(filter: { status: RUNNIN }) { totalCount } }',
      '{ jobs(filter: { vendor: AW }) { totalCount } }',
      '{ node(id: "a") { ... on Jo { qrn } } }',
      '{ node(id: "a") { ... on Device { name } } }',
      '{ node(id: "a") { qrn } }',
      'query ($v: JobFilte) { jobs(filter: $v) { totalCount } }',
      'query ($v: Job) { jobs(filter: $v) { totalCount } }',
      'query ($v: String) { jobs(first: $v) { totalCount } }',
      '{ a: job(qrn: "a:1") { x: qrn x: shots } }',
      '{ __typename @include(iff: true) }',
      'mutation { imwrongfield }',
      'subscription { imwrongfield }',
      'subscription { jobUpdated { qrn } }',
      ...words.map(misspell).map((word) => `{ ${word} jobs { ${word} nodes { ${word} } } }`),
      ...words.map(misspell).map((word) => `{ jobs(${word}: 1) { totalCount } }`),
    ];
    const answers = await Promise.all(probes.map((probe) => query(probe)));
    const messages = answers.flatMap(({ errors = [] }) => errors.map(({ message }) => message));
    expect(answers.filter(({ errors }) => errors === undefined)).toEqual([]);
    expect(
      messages.filter((message) => /did you mean/i.test(message) || namesIn(message).length > 0),
    ).toEqual([]);
  });

  test.each<[what: string, document: string, variables: Record<string, unknown>]>([
    [
      'a near enumeration value',
      'query ($f: JobFilter) { jobs(filter: $f) { totalCount } }',
      { f: { status: 'RUNNIN' } },
    ],
    [
      'a near input field',
      'query ($f: JobFilter) { jobs(filter: $f) { totalCount } }',
      { f: { statu: 'RUNNING' } },
    ],
    ['a value of another type', 'query ($n: Int) { jobs(first: $n) { totalCount } }', { n: 'many' }],
    ['no value at all', 'query ($q: String!) { job(qrn: $q) { name } }', {}],
    ['no value for an argument', 'query ($q: String = "a:1") { job(qrn: $q) { name } }', { q: null }],
    [
      'another type in a subscription',
      'subscription ($n: Int) { jobsChanged(first: $n) { totalCount } }',
      { n: 'x' },
    ],
  ])('variables that do not fit tell no name: %s', async (_, document, variables) => {
    const { query } = await openGateway(production);
    const { errors = [] } = await query(document, { variables });
    expect(errors.map(({ message }) => namesIn(message))).toEqual([[]]);
    expect(errors).toEqual([expect.objectContaining({ locations: [expect.anything()] })]);
  });

  test('what does not fit is still told by its place, and what the client itself wrote by its name', async () => {
    const { query } = await openGateway(production);
    const place = (line: number, column: number) => ({ locations: [{ line, column }] });
    const { errors } = await query('query ($unused: Int) {\n  nothing\n  ...Missing\n}');
    expect(errors).toEqual([
      {
        message:
          'This part of the document does not fit the schema. Names are not told here: FIELD_SUGGESTIONS is off.',
        ...place(2, 3),
        extensions: { code: 'GRAPHQL_VALIDATION_FAILED' },
      },
      expect.objectContaining({ message: 'Unknown fragment "Missing".', ...place(3, 6) }),
      expect.objectContaining({ message: 'Variable "$unused" is never used.', ...place(1, 8) }),
    ]);
  });

  test('errors of the gateway and of the qBraid API are told as ever', async () => {
    const { query } = await openGateway(production);
    const { errors } = await query(
      '{ a: job(qrn: "qbraid:job:9") { name } b: jobs(first: 501) { totalCount } }',
    );
    expect(errors?.map(({ extensions }) => extensions.code).sort()).toEqual(['BAD_USER_INPUT', 'NOT_FOUND']);
    expect(errors?.map(({ message }) => message)).toContainEqual(
      expect.stringContaining('must be from 0 to 500'),
    );
  });

  test('a subscription that does not fit tells no name', async () => {
    const gateway = await openGateway(production);
    const subscription = 'subscription ($n: Int) { jobsChanged(first: $n) { totalCount } }';
    const stream = await openStream(gateway, subscription, { variables: { n: 'many' } });
    const { errors = [] } = (await stream.next()) ?? {};
    expect(errors.map(({ message }) => namesIn(message))).toEqual([[]]);
  });

  /** What graphql-cop finds: each is a way to see that the fault is there. */
  test.each<[fault: string, body: unknown, isFound: (text: string) => boolean]>([
    [
      'alias overloading',
      { query: `{ ${Array.from({ length: 101 }, (_, index) => `alias${index}:__typename`).join(' ')} }` },
      (text) => text.includes('alias100":'),
    ],
    [
      'array batching',
      Array.from({ length: 10 }, () => ({ query: 'query cop { __typename }' })),
      (text) => text.startsWith('['),
    ],
    [
      'directive overloading',
      { query: `query cop { __typename ${'@aa'.repeat(10)} }` },
      (text) => JSON.parse(text).errors.length >= 10,
    ],
    [
      'circular introspection',
      {
        query: `query cop { __schema { types { fields { type { fields { type { fields { type { name } } } } } } } } }`,
      },
      (text) => text.includes('"types"'),
    ],
    [
      'field duplication',
      { query: `query cop { ${'__typename '.repeat(500)} }` },
      (text) => text.includes('"data":{'),
    ],
    ['introspection', { query: getIntrospectionQuery() }, (text) => text.includes('"types"')],
    [
      'field suggestions',
      { query: 'query cop { __schema { directive } }' },
      (text) => text.includes('Did you mean'),
    ],
    ['unhandled errors', { query: 'qwerty cop { abc }' }, (text) => text.includes('exception')],
    ['tracing', { query: 'query cop { __typename }' }, (text) => text.includes('tracing')],
  ])('graphql-cop does not find %s', async (_, body, isFound) => {
    const { yoga } = await openGateway(production);
    const response = await yoga.fetch('http://gateway/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    const text = await response.text();
    expect({ isFound: isFound(text), text }).toEqual({ isFound: false, text });
  });
});

describe('INTROSPECTION', () => {
  const both: QueryOptions = { headers: { accept: 'application/json' } };

  test.each(['{ __schema { description } }', '{ __type(name: "Job") { name fields { name } } }'])(
    'false refuses %s once',
    async (document) => {
      const { query } = await openGateway({ INTROSPECTION: 'false' });
      expect(await query(document, both)).toEqual({
        errors: [
          {
            message: 'This gateway does not tell its schema: INTROSPECTION is off.',
            locations: [{ line: 1, column: 3 }],
            extensions: { code: 'INTROSPECTION_DISABLED' },
          },
        ],
      });
    },
  );

  test('false leaves __typename, as caches of clients need it', async () => {
    const { query } = await openGateway({ INTROSPECTION: 'false' });
    expect(await query('{ __typename jobs(first: 1) { __typename nodes { __typename } } }')).toEqual({
      data: { __typename: 'Query', jobs: { __typename: 'JobConnection', nodes: [{ __typename: 'Job' }] } },
    });
  });

  test.each([
    [{ NODE_ENV: 'production', INTROSPECTION: 'true' }, 'Query'],
    [{ NODE_ENV: 'production' }, undefined],
    [{}, 'Query'],
  ])('with %j says of the type of queries: %s', async (environment, name) => {
    const { query } = await openGateway(environment);
    const { data } = await query('{ __schema { queryType { name } } }');
    expect(data?.__schema.queryType.name).toBe(name);
  });
});

test.each([
  [{}, 'Cannot query field "nam" on type "Job". Did you mean "name" or "tag"?'],
  [
    { NODE_ENV: 'production', FIELD_SUGGESTIONS: 'true' },
    'Cannot query field "nam" on type "Job". Did you mean "name" or "tag"?',
  ],
  [
    { FIELD_SUGGESTIONS: 'false' },
    'This part of the document does not fit the schema. Names are not told here: FIELD_SUGGESTIONS is off.',
  ],
])('with %j, a misspelt field is told as: %s', async (environment, message) => {
  const { query } = await openGateway(environment);
  expect((await query('{ job(qrn: "a:1") { nam } }')).errors).toMatchObject([{ message }]);
});

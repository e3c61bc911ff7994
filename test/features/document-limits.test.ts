import { createHash } from 'node:crypto';
import { getIntrospectionQuery } from 'graphql';
import { describe, expect, test } from 'vitest';
import { createTestGateway, type TestGateway } from '../support/create-test-gateway.ts';
import { aJob } from '../support/job-builder.ts';

const job = () => ({ body: { success: true, data: aJob('a:1') } });

/** Posts an operation, and gives the status and the answer. */
async function ask({ yoga }: TestGateway, query: string, accept = 'application/json') {
  const response = await yoga.fetch('http://gateway/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept, 'x-api-key': 'alice-key' },
    body: JSON.stringify({ query }),
  });
  const { data, errors } = (await response.json()) as { data?: unknown; errors?: { extensions: unknown }[] };
  return { status: response.status, data, extensions: errors?.map(({ extensions }) => extensions) };
}

/** As many numbered parts as asked for, with spaces between them. */
const times = (count: number, part: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => part(index)).join(' ');

const aliases = (count: number) => times(count, (index) => `a${index}: __typename`);

/** A valid document with so many of what a limit counts. */
const byLimit: Record<string, (count: number) => string> = {
  MAX_DOCUMENT_BYTES: (count) => `{ __typename }${'#'.repeat(count - 14)}`,
  MAX_TOKENS: (count) =>
    `{ ${aliases(Math.floor((count - 2) / 3))} ${'__typename '.repeat((count - 2) % 3)} }`,
  MAX_DEPTH: (count) => `{ job(qrn: "a:1") ${'{ batchJob '.repeat(count - 2)} { qrn ${'}'.repeat(count)}`,
  MAX_ALIASES: (count) => `{ ${aliases(count)} }`,
  MAX_DIRECTIVES: (count) => `{ ${times(count, (index) => `a${index}: __typename @include(if: true)`)} }`,
  MAX_ROOT_FIELDS: (count) => `{ ...Half ...Half } fragment Half on Query { ${aliases(count / 2)} }`,
  REPEATED_FIELDS: (count) => `{ ${times(count, () => '__typename')} }`,
  NESTED_FRAGMENTS: (count) => `{ ${'... { '.repeat(count)} __typename ${'}'.repeat(count)} }`,
};

const open = (environment: Record<string, string> = {}) => createTestGateway(job, environment);

describe.each<[limit: string, max: number, environment: Record<string, string>, beyond?: number]>([
  ['MAX_DOCUMENT_BYTES', 65_536, {}],
  ['MAX_TOKENS', 2000, { MAX_ALIASES: '1000', MAX_ROOT_FIELDS: '1000' }],
  ['MAX_DEPTH', 20, {}],
  ['MAX_ALIASES', 100, {}],
  ['MAX_DIRECTIVES', 50, {}],
  ['MAX_ROOT_FIELDS', 100, {}, 102],
  ['REPEATED_FIELDS', 30, {}],
  ['NESTED_FRAGMENTS', 100, {}],
  ['MAX_DOCUMENT_BYTES', 1024, { MAX_DOCUMENT_BYTES: '1024' }],
  ['MAX_TOKENS', 50, { MAX_TOKENS: '50' }],
  ['MAX_DEPTH', 5, { MAX_DEPTH: '5' }],
  ['MAX_ALIASES', 0, { MAX_ALIASES: '0' }],
  ['MAX_DIRECTIVES', 1, { MAX_DIRECTIVES: '1' }],
  ['MAX_ROOT_FIELDS', 8, { MAX_ROOT_FIELDS: '8' }, 10],
])('%s %i', (limit, max, environment, beyond = max + 1) => {
  const document = byLimit[limit] ?? String;

  test('is no hindrance to what reaches it', async () => {
    const reaching = max === 0 ? '{ __typename }' : document(max);
    expect(await ask(await open(environment), reaching)).toEqual({ status: 200, data: expect.anything() });
  });

  test.each(['application/json', 'application/graphql-response+json'])(
    'refuses what is just beyond it, with 400 as %s',
    async (accept) => {
      expect(await ask(await open(environment), document(beyond), accept)).toEqual({
        status: 400,
        extensions: [{ code: 'OPERATION_TOO_COMPLEX', limit, max, got: beyond }],
      });
    },
  );
});

describe('a document is refused', () => {
  /** Fragments of which each spreads the next one twice, in this form. */
  const bomb = (length: number, spread: (next: string) => string, last: string) =>
    `{ ...f0 } ${times(length, (index) => `fragment f${index} on Query { ${spread(`...f${index + 1}`)} }`)} fragment f${length} on Query { ${last} }`;
  const batches = (spread: string) => `a: batchJob { ${spread} } b: batchJob { ${spread} }`;
  const twenty = (name: string) => `fragment ${name} on Query { ${'__typename '.repeat(20)} }`;

  test.each<[limit: string, what: string, document: string, environment?: Record<string, string>]>([
    [
      'MAX_ROOT_FIELDS',
      'if its fragments double the fields of the root 60 times',
      bomb(60, (next) => `${next} ${next}`, '__typename'),
    ],
    [
      'MAX_ALIASES',
      'for aliases in a fragment that nobody spreads',
      `{ __typename } fragment F on Query { ${aliases(101)} }`,
    ],
    [
      'REPEATED_FIELDS',
      'for repeated fields in two fragments',
      `{ ...A ...B } ${twenty('A')} ${twenty('B')}`,
    ],
    [
      'REPEATED_FIELDS',
      'for repeated fields in inline fragments',
      `{ ${times(4, () => `... { ${'__typename '.repeat(10)} }`)} }`,
    ],
    [
      'REPEATED_FIELDS',
      'for repeated fields below repeated fields',
      `{ ${times(4, () => `job(qrn: "a:1") { ${'qrn '.repeat(10)} }`)} }`,
    ],
    ['REPEATED_FIELDS', 'for 1,200 repeated fields', `{ job(qrn: "a:1") { ${'qrn '.repeat(1200)} } }`],
    [
      'MAX_OPERATION_COST',
      'if its fragments double the fields of the answer 17 times',
      `{ job(qrn: "a:1") { ...f0 } } ${times(17, (index) => `fragment f${index} on Job { ${batches(`...f${index + 1}`)} }`)} fragment f17 on Job { qrn }`,
    ],
    [
      'MERGED_FIELDS',
      'if its fragments can be merged in very many ways',
      // Which of the 13 others are merged depends on the last 13 fields of the way there.
      `{ job(qrn: "a:1") { ...F } } fragment F on Job { a: batchJob { ...F } b: batchJob { ...F ...f0 } } ${times(13, (index) => `fragment f${index} on Job { ${batches(`...f${index + 1}`)} }`)} fragment f13 on Job { qrn }`,
    ],
  ])('by %s %s', async (limit, _, document, environment) => {
    const { status, extensions } = await ask(await open(environment), document);
    expect({ status, extensions }).toEqual({
      status: 400,
      extensions: [expect.objectContaining({ code: 'OPERATION_TOO_COMPLEX', limit })],
    });
  });

  test.each([
    ['spreads itself', '{ ...F } fragment F on Query { ...F }'],
    [
      'spreads itself below a field',
      '{ job(qrn: "a:1") { ...F } } fragment F on Job { batchJob { ...F ...F } }',
    ],
    [
      'leads back to itself where fields are merged',
      '{ job(qrn: "a:1") { ...F } } fragment F on Job { batchJob { ...F } batchJob { ...F ...G } } fragment G on Job { batchJob { ...F } }',
    ],
  ])('by validation if a fragment %s', async (_, document) => {
    const { extensions } = await ask(await open(), document);
    expect(extensions).toContainEqual({ code: 'GRAPHQL_VALIDATION_FAILED' });
  });
});

test('a persisted document keeps to the limits, too', async () => {
  const query = `{ ${aliases(101)} }`;
  const sha256Hash = createHash('sha256').update(query).digest('hex');
  const { yoga } = await open();
  const response = await yoga.fetch('http://gateway/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query, extensions: { persistedQuery: { version: 1, sha256Hash } } }),
  });
  expect(await response.json()).toMatchObject({ errors: [{ extensions: { limit: 'MAX_ALIASES' } }] });
});

test('at most five errors of validation are told, and that there are more', async () => {
  const { extensions } = await ask(await open(), `{ __typename ${'@aa'.repeat(10)} }`);
  expect(extensions).toHaveLength(6);
});

test('an array of operations is refused', async () => {
  const { yoga } = await open();
  const { status } = await yoga.fetch('http://gateway/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(Array.from({ length: 10 }, () => ({ query: '{ __typename }' }))),
  });
  expect(status).toBe(400);
});

test.each(['0', '4194304'])(
  'with DOCUMENT_CACHE_BYTES=%s, documents are answered and refused alike',
  async (bytes) => {
    const gateway = await open({ DOCUMENT_CACHE_BYTES: bytes });
    const documents = ['{ __typename }', '{ nothing }', '{', `{ ${aliases(101)} }`];
    const first = await Promise.all(documents.map((document) => ask(gateway, document)));
    const again = await Promise.all(documents.map((document) => ask(gateway, document)));
    expect(again).toEqual(first);
  },
);

test('GraphiQL may ask for the whole schema, with all that it could ask for', async () => {
  const everything = getIntrospectionQuery({
    descriptions: true,
    directiveIsRepeatable: true,
    inputValueDeprecation: true,
    oneOf: true,
    schemaDescription: true,
    specifiedByUrl: true,
  });
  expect(await ask(await open(), everything)).toEqual({ status: 200, data: expect.anything() });
});

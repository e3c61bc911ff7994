import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { parseConfig } from '../../src/config/parse-config.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { createGateway } from '../../src/server/create-gateway.ts';
import { createLogger } from '../../src/server/create-logger.ts';
import { createTestGateway, type TestGateway } from '../support/create-test-gateway.ts';
import { aJob } from '../support/job-builder.ts';
import type { Way } from '../support/note-ways.ts';

const QUERY = 'query Job($qrn: String!) { job(qrn: $qrn) { qrn } }';
const variables = { qrn: 'a:1' };
const data = { job: { qrn: 'a:1' } };

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const HASH = sha256(QUERY);
const UNKNOWN = sha256('unknown');

/** A persisted query as Apollo names it. */
const hashed = (sha256Hash: string) => ({ extensions: { persistedQuery: { version: 1, sha256Hash } } });

/** A manifest of Relay or GraphQL Code Generator, and one of Apollo. */
const plain = (operations: Record<string, string>) => JSON.stringify(operations);
const apollo = (operations: Record<string, string>) =>
  JSON.stringify({
    format: 'apollo-persisted-query-manifest',
    version: 1,
    operations: Object.entries(operations).map(([id, body]) => ({ id, name: 'Job', type: 'query', body })),
  });

/** Writes a file that lives as long as the test. */
function writeManifest(text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'persisted-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'operations.json');
  writeFileSync(path, text);
  return path;
}

const open = (environment: Record<string, string> = {}) =>
  createTestGateway(() => ({ body: { success: true, data: aJob('a:1') } }), environment);

const openWith = (manifest: string, environment: Record<string, string> = {}) =>
  open({ PERSISTED_OPERATIONS: writeManifest(manifest), ...environment });

/** Posts this body, and gives the status, the data and the codes of the errors. */
async function post({ yoga }: TestGateway, body: object) {
  const response = await yoga.fetch('http://gateway/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': 'alice-key' },
    body: JSON.stringify(body),
  });
  return summarize(response);
}

async function get({ yoga }: TestGateway, parameters: Record<string, string>) {
  const address = `http://gateway/graphql?${new URLSearchParams(parameters)}`;
  return summarize(await yoga.fetch(address, { headers: { 'x-api-key': 'alice-key' } }));
}

async function summarize(response: Response) {
  const answer = (await response.json()) as { data?: unknown; errors?: { extensions: { code: string } }[] };
  const codes = answer.errors?.map(({ extensions }) => extensions.code);
  return { status: response.status, ...(codes === undefined ? { data: answer.data } : { codes }) };
}

const answered = { status: 200, data };
const refused = (code: string, status = 400) => ({ status, codes: [code] });

describe.each([
  ['Relay or GraphQL Code Generator', plain],
  ['Apollo', apollo],
])('an operation that a manifest of %s has', (_, toManifest) => {
  test.each([
    ['documentId, as GraphQL over HTTP names it', { documentId: 'job-1' }],
    ['doc_id, as Relay names it', { doc_id: 'job-1' }],
    ['extensions.persistedQuery, as Apollo names it', hashed('job-1')],
  ])('is executed by %s', async (_name, naming) => {
    const gateway = await openWith(toManifest({ 'job-1': QUERY }));
    expect(await post(gateway, { ...naming, variables })).toEqual(answered);
  });

  test('is executed if nothing else is', async () => {
    const gateway = await openWith(toManifest({ [HASH]: QUERY }), { PERSISTED_ONLY: 'true' });
    expect(await post(gateway, { ...hashed(HASH), variables })).toEqual(answered);
  });
});

test.each<Record<string, string>>([
  { documentId: 'job-1' },
  { doc_id: 'job-1' },
  { extensions: JSON.stringify(hashed('job-1').extensions) },
])('a GET request may name an operation by %j', async (naming) => {
  const gateway = await openWith(plain({ 'job-1': QUERY }));
  expect(await get(gateway, { ...naming, variables: JSON.stringify(variables) })).toEqual(answered);
});

test.each([
  ['a manifest without it', { PERSISTED_OPERATIONS: 'yes' }],
  ['no manifest', {}],
])('an id that is not persisted is refused with %s', async (_, environment) => {
  const gateway = 'PERSISTED_OPERATIONS' in environment ? await openWith(plain({})) : await open();
  const ids = ['job-1', 'constructor', '__proto__', ''];
  const answers = await Promise.all(ids.map((documentId) => post(gateway, { documentId })));
  expect(answers).toEqual(ids.map(() => refused('PERSISTED_QUERY_NOT_IN_LIST')));
});

test('a persisted operation keeps to the cost of its variables', async () => {
  const list = 'query List($n: Int) { jobs(first: $n) { nodes { qrn } } }';
  const gateway = await openWith(plain({ list }), { MAX_OPERATION_COST: '100' });
  expect(await post(gateway, { documentId: 'list', variables: { n: 99 } })).toEqual(
    refused('OPERATION_TOO_COMPLEX'),
  );
});

describe('PERSISTED_ONLY=true refuses', () => {
  test.each<[what: string, body: object, code: string]>([
    ['any other document', { query: QUERY, variables }, 'PERSISTED_QUERY_ID_REQUIRED'],
    ['the text of a persisted document', { query: '{ __typename }' }, 'PERSISTED_QUERY_ID_REQUIRED'],
    [
      'a document with an id',
      { query: QUERY, documentId: 'known', variables },
      'PERSISTED_QUERY_ID_REQUIRED',
    ],
    ['introspection', { query: '{ __schema { description } }' }, 'PERSISTED_QUERY_ID_REQUIRED'],
    [
      'automatically persisted queries',
      { query: QUERY, variables, ...hashed(HASH) },
      'PERSISTED_QUERY_ID_REQUIRED',
    ],
    ['their hashes', { variables, ...hashed(HASH) }, 'PERSISTED_QUERY_NOT_IN_LIST'],
    ['no document at all', { variables }, 'PERSISTED_QUERY_ID_REQUIRED'],
  ])('%s', async (_, body, code) => {
    const gateway = await openWith(plain({ known: '{ __typename }' }), { PERSISTED_ONLY: 'true' });
    expect(await post(gateway, body)).toEqual(refused(code));
  });
});

describe('the gateway does not start', () => {
  const start = (environment: Record<string, string>) =>
    createGateway({
      config: parseConfig(environment),
      logger: createLogger({ logLevel: 'silent', destination: { write() {} } }),
      clock: systemClock,
      playground: null,
    });

  const formats = /must be a file of .*Relay and GraphQL Code Generator.*apollo-persisted-query-manifest/;

  test.each<[what: string, text: string, message: RegExp | string]>([
    ['a text that is no JSON', '{', formats],
    ['a list', '["{ __typename }"]', formats],
    ['documents that are no texts', '{"a": {"b": "c"}}', formats],
    ['another version of Apollo', apollo({}).replace('1', '2'), formats],
    [
      'a broken document',
      plain({ good: '{ __typename }', bad: '{ nothing }' }),
      'operation "bad": Cannot query field "nothing"',
    ],
    ['a document that cannot be parsed', apollo({ bad: '{' }), 'operation "bad": Syntax Error'],
    [
      'a document beyond a limit',
      plain({ bad: `{ ${'__typename '.repeat(31)} }` }),
      'operation "bad": The repetitions',
    ],
  ])('with %s', (_, text, message) => {
    expect(() => start({ PERSISTED_OPERATIONS: writeManifest(text) })).toThrow(message);
  });

  test('with a file that is not there, or with no file and PERSISTED_ONLY', () => {
    expect(() => start({ PERSISTED_OPERATIONS: '/nowhere/operations.json' })).toThrow(
      'PERSISTED_OPERATIONS must be a file that can be read, got "/nowhere/operations.json": ENOENT.',
    );
    expect(() => start({ PERSISTED_ONLY: 'true' })).toThrow('PERSISTED_ONLY=true needs PERSISTED_OPERATIONS');
  });
});

describe('an automatically persisted query', () => {
  test('is asked for once, and known from then on, to POST and GET', async () => {
    const gateway = await open();
    const answers = [
      await post(gateway, { ...hashed(HASH), variables }),
      await post(gateway, { ...hashed(HASH), variables, query: QUERY }),
      await post(gateway, { ...hashed(HASH), variables }),
      await get(gateway, {
        variables: JSON.stringify(variables),
        extensions: JSON.stringify(hashed(HASH).extensions),
      }),
    ];
    expect(answers).toEqual([refused('PERSISTED_QUERY_NOT_FOUND', 200), answered, answered, answered]);
  });

  test('is told to be unknown in the words that Apollo Client knows', async () => {
    const { yoga } = await open();
    const extensions = encodeURIComponent(JSON.stringify(hashed(UNKNOWN).extensions));
    const response = await yoga.fetch(`http://gateway/graphql?extensions=${extensions}`);
    expect(await response.json()).toEqual({
      errors: [{ message: 'PersistedQueryNotFound', extensions: { code: 'PERSISTED_QUERY_NOT_FOUND' } }],
    });
  });

  test.each([
    ['another hash', { query: QUERY, ...hashed(UNKNOWN) }],
    ['another version', { query: QUERY, extensions: { persistedQuery: { version: 2, sha256Hash: HASH } } }],
    ['no hash', { query: QUERY, extensions: { persistedQuery: { version: 1 } } }],
  ])('is refused with %s, and not kept', async (_, body) => {
    const gateway = await open();
    expect(await post(gateway, { ...body, variables })).toEqual(refused('BAD_REQUEST'));
    expect(await post(gateway, { ...hashed(UNKNOWN), variables })).toEqual(
      refused('PERSISTED_QUERY_NOT_FOUND', 200),
    );
  });

  test('is forgotten when APQ_CACHE_BYTES is full', async () => {
    const gateway = await open({ APQ_CACHE_BYTES: '1000' });
    const documents = [1, 2, 3].map((number) => `{ __typename } # ${'x'.repeat(100)} ${number}`);
    for (const query of documents) await post(gateway, { query, ...hashed(sha256(query)) });
    const answers = await Promise.all(documents.map((query) => post(gateway, hashed(sha256(query)))));
    expect(answers.map(({ status, ...rest }) => 'data' in rest)).toEqual([false, false, true]);
  });

  test('is not supported with APQ_CACHE_BYTES=0', async () => {
    const gateway = await open({ APQ_CACHE_BYTES: '0' });
    expect(await post(gateway, { query: QUERY, variables, ...hashed(HASH) })).toEqual(
      refused('PERSISTED_QUERY_NOT_SUPPORTED', 200),
    );
  });
});

describe('the fast lane answers', () => {
  const clientLibrary = { name: '@apollo/client', version: '4.0.0' };
  const onlyNamed = (naming: object) => ({ query: undefined, ...naming });

  /** Asks again and again in this way, and gives who answered, and what was logged of each operation. */
  async function ask(gateway: TestGateway, parameters: Record<string, unknown>) {
    const headers = { 'apollographql-client-name': 'web' };
    const before = { ways: gateway.ways.length, logs: gateway.logs.length };
    const answers = [];
    for (let time = 0; time < 3; time += 1) {
      answers.push(await gateway.query(QUERY, { variables, parameters, headers }));
    }
    const lines = gateway.logs.slice(before.logs).filter(({ msg }) => msg === 'operation');
    const logged = lines.map(({ operation, type, clientName }) => ({ operation, type, clientName }));
    return { answers, logged, ways: gateway.ways.slice(before.ways) };
  }

  const answeredBy = (...ways: readonly Way[]) => ({
    answers: ways.map(() => ({ data })),
    logged: ways.map(() => ({ operation: 'Job', type: 'query', clientName: 'web' })),
    ways,
  });

  /** A gateway that knows the document by its text, by its hash and by an id. */
  async function openKnowing() {
    const gateway = await openWith(plain({ 'job-1': QUERY }));
    await post(gateway, { query: QUERY, variables, ...hashed(HASH) });
    return gateway;
  }

  test.each<[what: string, parameters: Record<string, unknown>]>([
    ['no extension', { extensions: {} }],
    ['the name of the client library, as Apollo Client sends it', { extensions: { clientLibrary } }],
    ['a persisted query of null', { extensions: { persistedQuery: null } }],
    ['the hash of its document', hashed(HASH)],
    ['an id that is ignored', { documentId: 'unknown' }],
  ])('a document with %s', async (_, parameters) => {
    expect(await ask(await openKnowing(), parameters)).toEqual(answeredBy('planned', 'kept', 'kept'));
  });

  test.each<[what: string, naming: object]>([
    ['its hash', hashed(HASH)],
    ['its hash, beside another extension', { extensions: { clientLibrary, ...hashed(HASH).extensions } }],
    ['documentId', { documentId: 'job-1' }],
    ['doc_id', { doc_id: 'job-1' }],
    ['an id as a hash', hashed('job-1')],
  ])('an operation that is named by %s', async (_, naming) => {
    const answers = await ask(await openKnowing(), onlyNamed(naming));
    expect(answers).toEqual(answeredBy('planned', 'kept', 'kept'));
  });

  test('an operation by its id where only such are executed', async () => {
    const gateway = await openWith(plain({ 'job-1': QUERY }), { PERSISTED_ONLY: 'true' });
    const answers = await ask(gateway, onlyNamed({ documentId: 'job-1' }));
    expect(answers).toEqual(answeredBy('planned', 'kept', 'kept'));
  });

  test('a hash, and its document is not forgotten before those that were used before', async () => {
    const text = (number: number) => `{ __typename } # ${'x'.repeat(100)} ${number}`;
    const gateway = await open({ APQ_CACHE_BYTES: '1200', ANSWER_CACHE_BYTES: '0' });
    const [first, second, third] = [1, 2, 3].map((number) => text(number)) as [string, string, string];
    const named = (query: string) => gateway.query(query, { parameters: onlyNamed(hashed(sha256(query))) });
    for (const query of [first, second]) {
      await gateway.query(query, { parameters: hashed(sha256(query)) });
    }
    await named(first);
    await gateway.query(third, { parameters: hashed(sha256(third)) });
    const answers = [await named(first), await named(second), await named(third)];
    expect(gateway.ways).toEqual([...Array(5).fill('planned'), 'yoga', 'planned']);
    expect(answers.map((answer) => 'data' in answer)).toEqual([true, false, true]);
  });
});

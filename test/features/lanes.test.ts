import { hash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { aJob, someJobs } from '../support/job-builder.ts';
import { jobService, overriding, refusal } from '../support/job-service.ts';
import { type Exchange, type Lanes, openLanes } from '../support/open-lanes.ts';
import type { UpstreamScript } from '../support/scripted-upstream.ts';
import { aRequest, type RequestParts, toUtf8 } from '../support/wire-request.ts';

const ODD = {
  tags: { 'é"\\\n': '\ud800\u0000\u2028', constructor: null, n: -0, big: 1e21, list: [[], {}] },
  name: '</script>\u007f😀',
  batchJobQrn: 'a:2',
  cost: 0.1,
};
const JOBS = [aJob('a:1', ODD), aJob('a:2', { status: 'COMPLETED', cost: 1 }), ...someJobs(12)];
const LISTS = { 'alice-key': JOBS, 'bob-key': someJobs(3, 'bob'), 'carol-key': [] };

const STATUSES = [401, 403, 404, 422, 429, 500, 503];

/** An upstream with a job of each status, and a list that fails with that status for a key of this name. */
const service: UpstreamScript = overriding(jobService(LISTS), ({ path, key }) => {
  const status = STATUSES.find((each) => path === `/jobs/e:${each}` || key === `key-${each}`);
  const headers: Record<string, string> = status === 429 ? { 'retry-after': '9' } : {};
  return status === undefined ? undefined : refusal(status, 'Why it is so.', headers);
});

const NAME = '{ __typename }';
const JOB = 'query Job { job(qrn: "a:1") { qrn name status tags fetchedAt cost batchJob { qrn } } }';
const LIST =
  '{ jobs(first: 5) { edges { cursor node { qrn } } pageInfo { hasNextPage endCursor } isStale fetchedAt totalCount sources { key totalCount error { code } } } }';
/** A list without the errors of its sources, and one with them under other names. */
const SILENT = '{ jobs(first: 5) { nodes { qrn } sources { key totalCount } } }';
const ALIASED =
  'query ($no: Boolean = false) { list: jobs(first: 2) { totalCount a: sources { key } ...S b: sources @skip(if: $no) { key } } } fragment S on JobConnection { b: sources { why: error { __typename } } }';
const TWO = 'query A { a: __typename job(qrn: "a:1") { qrn } } query B { b: __typename }';
const VARIABLES =
  'query V($qrn: String!, $yes: Boolean = true) { job(qrn: $qrn) { qrn status @include(if: $yes) } }';

const bodyOf = (query: string, more: object = {}) => toUtf8(JSON.stringify({ query, ...more }));
const asking = (query: string, more: object = {}): RequestParts => ({ body: bodyOf(query, more) });
const withHeaders = (...headers: string[]): RequestParts => ({ ...asking(JOB), headers });
const withVariables = (variables: unknown): RequestParts => asking(VARIABLES, { variables });

const HASH = hash('sha256', JOB);
const CLIENT = { clientLibrary: { name: '@apollo/client', version: '4.0.0' } };

/** The extensions by which Apollo names a document. */
const hashed = (sha256Hash: unknown, more: object = {}) => ({
  extensions: { persistedQuery: { version: 1, sha256Hash }, ...more },
});

/** Ways to name a document, in their order: what is sent with a hash is known by it from then on. */
const NAMINGS: readonly (readonly [what: string, parameters: object])[] = [
  ['the hash of no document that is known', hashed('a'.repeat(64))],
  ['a document with its hash', { query: JOB, ...hashed(HASH) }],
  ['a document with its hash, and another extension', { query: JOB, ...hashed(HASH, CLIENT) }],
  ['a hash', hashed(HASH)],
  ['a hash with an empty query', { query: '', ...hashed(HASH) }],
  ['a hash with a query that is no text', { query: 1, ...hashed(HASH) }],
  ['a hash and an unknown operation name', { operationName: 'C', ...hashed(HASH) }],
  ['a hash and an id', { documentId: 'job-1', ...hashed(HASH) }],
  ['a document with the hash of another', { query: NAME, ...hashed(HASH) }],
  ['a document with its hash in upper case', { query: JOB, ...hashed(HASH.toUpperCase()) }],
  ['a broken document with its hash', { query: '{ a', ...hashed(hash('sha256', '{ a')) }],
  ['the hash of a broken document', hashed(hash('sha256', '{ a'))],
  ['an empty hash', { query: JOB, ...hashed('') }],
  ['a hash that is no text', { query: JOB, ...hashed(1) }],
  [
    'a hash of another version',
    { query: JOB, extensions: { persistedQuery: { version: 2, sha256Hash: HASH } } },
  ],
  ['a hash without a version', { extensions: { persistedQuery: { sha256Hash: HASH } } }],
  ['an id as a hash, without a version', { extensions: { persistedQuery: { sha256Hash: 'job-1' } } }],
  ['a document and an id as a hash', { query: NAME, ...hashed('job-1') }],
  ['an empty persisted query', { query: JOB, extensions: { persistedQuery: {} } }],
  ['a persisted query of null', { query: JOB, extensions: { persistedQuery: null } }],
  ['a persisted query that is a text', { query: JOB, extensions: { persistedQuery: HASH } }],
  ['a persisted query that is a list', { query: JOB, extensions: { persistedQuery: [HASH] } }],
  ['a documentId', { documentId: 'job-1' }],
  ['a documentId, and another extension', { documentId: 'job-1', extensions: CLIENT }],
  ['a doc_id', { doc_id: 'job-1' }],
  ['an id of a document beyond the cost', { documentId: 'costly' }],
  ['two ids', { documentId: 'job-1', doc_id: 'other' }],
  ['an id that is not there, and one that is', { documentId: 'other', doc_id: 'job-1' }],
  ['an id that is no text, and one that is', { documentId: 1, doc_id: 'job-1' }],
  ['an id that is no text', { documentId: 1 }],
  ['an empty id', { documentId: '' }],
  ['an id of the prototype', { documentId: 'constructor' }],
  ['an id and a document', { query: NAME, documentId: 'job-1' }],
  ['an id and an empty document', { query: '', documentId: 'job-1' }],
  ['an id and an unknown parameter', { documentId: 'job-1', other: 1 }],
  ['a document', { query: JOB }],
  ['nothing', {}],
];

/** How often each request is sent: its document is new, then known, and its answer kept. */
const TIMES = 3;

/** What each way answers to the same requests, sent several times, and asks upstream: `yoga` is what is right. */
async function sendAll(lanes: Lanes, parts: readonly string[]) {
  const all: Record<'yoga' | 'uncached' | 'cached', Exchange[]> = { yoga: [], uncached: [], cached: [] };
  for (let time = 0; time < TIMES; time += 1) {
    const { yoga, uncached, cached } = await lanes.send(parts);
    all.yoga.push(yoga);
    all.uncached.push(uncached);
    all.cached.push(cached);
  }
  return all;
}

const alike = ({ yoga }: { readonly yoga: readonly Exchange[] }) => ({
  yoga,
  uncached: yoga,
  cached: yoga,
});

const ACCEPTS = [
  '*/*',
  'application/json',
  'application/graphql-response+json',
  'application/graphql-response+json, application/json',
  'application/graphql-response+json,application/json;q=0.9',
  'application/json;q=0.1, application/graphql-response+json;q=1',
  'application/json, multipart/mixed',
  'multipart/mixed;deferSpec=20220824,application/graphql-response+json,application/json;q=0.9',
  'application/graphql-response+json, application/graphql+json, application/json, text/event-stream, multipart/mixed',
  'text/event-stream, application/json',
  'text/event-stream',
  'text/event-stream, */*',
  'TEXT/EVENT-STREAM, */*',
  'text/event-stream, application/JSON',
  'APPLICATION/JSON',
  'Application/GraphQL-Response+JSON',
  'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8',
  'text/html',
  'text/*',
  'application/*',
  'application/*, application/graphql-response+json',
  '*/json',
  '*/json, application/graphql-response+json',
  '*/graphql-response+json, application/json',
  '*',
  'application/json;charset=utf-8',
  'application/json; charset=UTF-8',
  'application/json; charset=latin1',
  'application/json; CHARSET=latin1',
  'application/json; char set=latin1',
  'application/json; charset="utf-8"',
  'application/json; charset=latin1, application/graphql-response+json',
  'application/json;q=0',
  ' , application/json',
  'application / json',
  ';',
  '',
  ',',
  `${'a/b, '.repeat(100)}application/json`,
];

const CONTENT_TYPES = [
  'application/json',
  'application/json; charset=utf-8',
  'application/json;charset="UTF-8"',
  'application/json;charset=utf8',
  'application/json; charset=latin1',
  'application/json; charset=utf-8; a=b',
  'application/json;',
  'APPLICATION/JSON',
  'application/json ; charset=utf-8',
  'application/json, application/json',
  'application/graphql',
  'application/graphql+json',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=a',
  'text/plain',
  'application/jsonp',
  '',
];

const BODIES: readonly (readonly [what: string, body: string])[] = [
  ['nothing', ''],
  ['a space', ' '],
  ['a mark of the byte order', toUtf8(`\ufeff${JSON.stringify({ query: NAME })}`)],
  ['two marks of the byte order', toUtf8(`\ufeff\ufeff${JSON.stringify({ query: NAME })}`)],
  ['no UTF-8', `{"query":"{ __typename }","operationName":"\xff"}`],
  ['half of a character', '{"query":"{ __typename } # \xf0\x9f\x98"}'],
  ['a half of a surrogate', '{"query":"{ job(qrn: \\"\\ud800\\") { qrn } }"}'],
  ['no JSON', '{'],
  ['two values', `${bodyOf(NAME)}${bodyOf(NAME)}`],
  ['space around it', ` \r\n${bodyOf(NAME)}\t`],
  ['a text', '"{ __typename }"'],
  ['null', 'null'],
  ['a number', '1'],
  ['a list', `[${bodyOf(NAME)}]`],
  ['an empty list', '[]'],
  ['an empty object', '{}'],
  ['a query twice', `{"query":"{ a: __typename }","query":${JSON.stringify(NAME)}}`],
  ['a query as a number', '{"query":1}'],
  ['a query as null', '{"query":null}'],
  ['an empty query', '{"query":""}'],
  ['an unknown parameter', bodyOf(NAME, { other: 1 })],
  ['an unknown parameter that is null', bodyOf(NAME, { other: null })],
  ['a parameter named __proto__', `{"query":${JSON.stringify(NAME)},"__proto__":{"variables":1}}`],
  ['a parameter named constructor', bodyOf(NAME, { constructor: 1 })],
  ['extensions', bodyOf(NAME, { extensions: {} })],
  ['extensions as null', bodyOf(NAME, { extensions: null })],
  ['extensions as a text', bodyOf(NAME, { extensions: 'a' })],
  ['extensions as a list', bodyOf(NAME, { extensions: [] })],
  ['extensions as a number', bodyOf(NAME, { extensions: 0 })],
  ['an extension', bodyOf(JOB, { extensions: CLIENT })],
  [
    'an extension named __proto__',
    `{"query":"{ a: __typename }","extensions":{"__proto__":{"persistedQuery":{}}}}`,
  ],
  ['deep extensions', bodyOf(NAME, { extensions: JSON.parse('{"a":'.repeat(101) + 1 + '}'.repeat(101)) })],
  [
    'an unknown hash',
    JSON.stringify({ extensions: { persistedQuery: { version: 1, sha256Hash: 'a'.repeat(64) } } }),
  ],
  ['a document id', bodyOf(NAME, { documentId: 'a' })],
  ['a document id as null', bodyOf(NAME, { documentId: null })],
  ['no operation name for two', bodyOf(TWO)],
  ['an empty operation name', bodyOf(TWO, { operationName: '' })],
  ['an empty operation name for one', bodyOf(JOB, { operationName: '' })],
  ['an operation name', bodyOf(TWO, { operationName: 'B' })],
  ['an unknown operation name', bodyOf(TWO, { operationName: 'C' })],
  ['an unknown operation name for one', bodyOf(JOB, { operationName: 'C' })],
  ['an operation name of the prototype', bodyOf(TWO, { operationName: 'constructor' })],
  ['an operation name as null', bodyOf(NAME, { operationName: null })],
  ['an operation name as a number', bodyOf(NAME, { operationName: 1 })],
  [
    'a variable named __proto__',
    '{"query":"query ($__proto__: String!) { job(qrn: $__proto__) { qrn } }","variables":{"__proto__":"a:1"}}',
  ],
  ['deep variables', bodyOf(NAME, { variables: JSON.parse('{"a":'.repeat(101) + 1 + '}'.repeat(101)) })],
  [
    'many variables',
    bodyOf(NAME, { variables: Object.fromEntries(someJobs(1001).map(({ jobQrn }) => [jobQrn, 1])) }),
  ],
];

const VALUES: readonly (readonly [what: string, variables: unknown])[] = [
  ['right', { qrn: 'a:1' }],
  ['right, with a default of null', { qrn: 'a:1', yes: null }],
  ['right, without a field', { qrn: 'a:1', yes: false }],
  ['of a wrong type', { qrn: 1 }],
  ['of a wrong type for a directive', { qrn: 'a:1', yes: 'no' }],
  ['missing', {}],
  ['null', null],
  ['none', undefined],
  ['a list', [1]],
  ['a text', 'a'],
  ['more than are declared', { qrn: 'a:1', other: { a: 1 } }],
  ['named __proto__', JSON.parse('{"qrn":"a:1","__proto__":{"yes":false}}')],
  ['a name that is none', { qrn: 'qbr_secret' }],
];

const DOCUMENTS: readonly string[] = [
  NAME,
  JOB,
  LIST,
  '{ jobs(first: 3) { nodes { qrn fetchedAt } pageInfo { startCursor hasPreviousPage } } }',
  '{ jobs(first: 500) { nodes { qrn } } }',
  '{ jobs { isStale fetchedAt } }',
  '{ jobs(first: 501) { nodes { qrn } } }',
  '{ jobs(first: 1, last: 1) { nodes { qrn } } }',
  '{ jobs(after: "a") { nodes { qrn } } }',
  '{ jobs(filter: { status: COMPLETED }) { totalCount } }',
  '{ jobs(filter: { keys: ["default"] }) { totalCount } }',
  '{ jobs(filter: { keys: ["other"] }) { totalCount } }',
  '{ rateLimit { key limit used remaining resetAt } }',
  '{ node(id: "a") { id } }',
  `{ node(id: "${Buffer.from('Job:a:1').toString('base64url')}") { id ... on Job { qrn keys } __typename } }`,
  `{ node(id: "${Buffer.from('Job:a:9').toString('base64url')}") { id } }`,
  `{ nodes(ids: ["${Buffer.from('Job:a:1').toString('base64url')}", "${Buffer.from('Job:a:9').toString('base64url')}"]) { id } }`,
  '{ a: job(qrn: "a:1") { ...J } b: job(qrn: "a:1") { ...J } } fragment J on Job { tag(key: "constructor") timeStamps { createdAt } device { qrn } }',
  '{ __proto__: __typename constructor: job(qrn: "a:1") { __proto__: qrn toString: status } }',
  '{ job(qrn: "a:9") { qrn } }',
  '{ job(qrn: "") { qrn } }',
  '{ a: job(qrn: "a:1") { qrn } b: job(qrn: "a:9") { qrn } }',
  '{ job(qrn: "e:403") { qrn } }',
  '{ __schema { queryType { name } } }',
  '{ __type(name: "Job") { name } job(qrn: "a:1") { qrn } }',
  '{ jobz { qrn } }',
  '{ job { qrn } }',
  '{ job(qrn: "a:1") }',
  '{',
  '#',
  'mutation { a }',
  'query Secret_alice_key { __typename }',
];

const KEYS: readonly (readonly [what: string, key: string | null, ...headers: string[]])[] = [
  ['no key', null],
  ['an empty key', 'X-API-KEY: '],
  ['a key twice', 'X-API-KEY: alice-key', 'X-API-KEY: bob-key'],
  ['a malformed key', 'X-API-KEY: alice key'],
  ['an unknown key', 'X-API-KEY: no-key'],
  ['a key in lower case', 'x-api-key:alice-key'],
  ['several keys', 'X-API-KEYS: alice=alice-key, bob=bob-key'],
  ['several keys in another order', 'X-API-KEYS: bob=bob-key, alice=alice-key'],
  ['several keys in two headers', 'X-API-KEYS: alice=alice-key', 'X-API-KEYS: bob=bob-key'],
  ['one and several keys', 'X-API-KEY: alice-key', 'X-API-KEYS: bob=bob-key'],
  ['a key under another label', 'X-API-KEYS: other=alice-key'],
  ['a key that is refused among others', 'X-API-KEYS: alice=alice-key, no=no-key'],
  ['a label twice', 'X-API-KEYS: a=alice-key, a=bob-key'],
  ['an Authorization', 'X-API-KEY: alice-key', 'Authorization: Bearer a'],
  ['two Authorizations', 'X-API-KEY: alice-key', 'Authorization: Bearer a', 'Authorization: Bearer b'],
];

const HEADERS: readonly (readonly string[])[] = [
  ...[
    'no-cache',
    'NO-CACHE',
    'no-store',
    'max-age=0',
    'max-age=60',
    'no-cache, no-store',
    'constructor',
    '',
  ].map((value) => [`Cache-Control: ${value}`]),
  ['Cache-Control: no-cache', 'Cache-Control: max-age=0'],
  ['Pragma: no-cache'],
  ...['a-1', 'a_1', '', 'a'.repeat(128), 'a'.repeat(129), 'alice-key', 'é'].map((id) => [
    `X-Request-Id: ${id}`,
  ]),
  ['X-Request-Id: a', 'X-Request-Id: b'],
  ...['1', '0', ''].flatMap((value) => [[`X-Operation-Cost: ${value}`], [`X-Debug-Upstream: ${value}`]]),
  ['traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'],
  ...['https://a.example', 'null', '', 'https://b.example'].map((origin) => [`Origin: ${origin}`]),
  ['Origin: https://a.example', 'Origin: https://b.example'],
  ['Host: other'],
  ['Content-Type: text/plain'],
  ['Content-Encoding: gzip'],
  ['Content-Encoding: identity'],
  ['Content-Encoding: '],
  ['Accept-Encoding: gzip, br'],
  ['Accept: application/json', 'Accept: text/event-stream'],
  ['Expect: 100-continue'],
  ['Expect: other'],
  ['Upgrade: h2c'],
  ['Connection: Upgrade', 'Upgrade: websocket'],
  ['X-Forwarded-For: 192.0.2.1'],
  ['If-None-Match: "a"'],
  ['Range: bytes=0-1'],
  ['TE: trailers'],
  ['apollographql-client-name: a', 'graphql-client-version: 1'],
  ['X-HTTP-Method-Override: GET'],
];

const LINES = [
  'POST /graphql HTTP/1.0',
  'POST /graphql/ HTTP/1.1',
  'POST /graphql? HTTP/1.1',
  'POST /graphql?query={__typename} HTTP/1.1',
  'POST /GRAPHQL HTTP/1.1',
  'POST //graphql HTTP/1.1',
  'POST http://gateway/graphql HTTP/1.1',
  'POST /graphql#a HTTP/1.1',
  'POST /%67raphql HTTP/1.1',
  'POST / HTTP/1.1',
  'GET /graphql HTTP/1.1',
  'GET /graphql?query={__typename} HTTP/1.1',
  'PUT /graphql HTTP/1.1',
  'OPTIONS /graphql HTTP/1.1',
  'DELETE /graphql HTTP/1.1',
  'PATCH /graphql HTTP/1.1',
];

/** A GET with these parameters, in their order. */
const byGet = (parameters: Iterable<readonly [string, string]>, more: RequestParts = {}): RequestParts => ({
  line: `GET /graphql?${new URLSearchParams([...parameters].map(([name, value]) => [name, value]))} HTTP/1.1`,
  contentType: null,
  length: null,
  ...more,
});
const getting = (query: string, more: Readonly<Record<string, string>> = {}) =>
  byGet(Object.entries({ query, ...more }));
const byTarget = (target: string): RequestParts => ({ ...getting(NAME), line: `GET ${target} HTTP/1.1` });

/** The parameters of a GET, beside a document. */
const PARAMETERS: readonly (readonly [what: string, parameters: Readonly<Record<string, string>>])[] = [
  ['nothing else', {}],
  ['empty ones', { operationName: '', variables: '', extensions: '' }],
  ['an unknown one', { other: '1' }],
  ['one named __proto__', { __proto__: '1', constructor: '1' }],
  ['variables', { variables: '{"qrn":"a:1"}' }],
  ['variables of a large number', { variables: '{"qrn":"a:1","yes":1e400}' }],
  ['variables with a name twice', { variables: '{"qrn":"a:2","qrn":"a:1"}' }],
  ['variables with space around them', { variables: ' \n{"qrn": "a:1"}\t' }],
  ['variables named __proto__', { variables: '{"qrn":"a:1","__proto__":{"yes":false}}' }],
  ['half of a surrogate', { variables: '{"qrn":"a:\\ud800"}' }],
  ['variables that are no JSON', { variables: '{' }],
  ['variables that are two values', { variables: '{"qrn":"a:1"},"query":"{ __typename }"' }],
  ['variables with a brace too many', { variables: '{"qrn":"a:1"}}' }],
  ['variables of null', { variables: 'null' }],
  ['variables in a list', { variables: '[{"qrn":"a:1"}]' }],
  ['variables in a text', { variables: '"a"' }],
  ['deep variables', { variables: `${'{"a":'.repeat(100)}1${'}'.repeat(100)}` }],
  ['too deep variables', { variables: `${'{"a":'.repeat(101)}1${'}'.repeat(101)}` }],
  ['an operation name', { operationName: 'V', variables: '{"qrn":"a:1"}' }],
  ['an unknown operation name', { operationName: 'W' }],
  ['extensions', { extensions: '{}', variables: '{"qrn":"a:1"}' }],
  ['extensions in a list', { extensions: '[]', variables: '{"qrn":"a:1"}' }],
  ['an empty id', { documentId: '', variables: '{"qrn":"a:1"}' }],
  ['an id', { documentId: 'a', variables: '{"qrn":"a:1"}' }],
];

const TARGETS = [
  '/graphql?',
  '/graphql?query',
  '/graphql??query=%7B__typename%7D',
  '/graphql??query=%7B__typename%7D&query=%7Bother:__typename%7D',
  '/graphql?query=%7B__typename%7D',
  '/graphql?query={a:__typename}',
  '/graphql?query={+__typename+}',
  '/graphql?query=%7B%20__typename%20%7D&query=%7B',
  '/graphql?query=%7B%20__typename%20%7D#',
  '/graphql?query=%7B__typename%7D%23%zz',
  '/graphql?query=%7B__typename%7D%23%ff',
  '/graphql?query=%7B__typename%7D%23%C3%A9\u00e9',
  "/graphql?query=%7Ba:__typename%7D%23'\\|<>",
  '/graphql?&&query=%7B__typename%7D&=&',
  '/graphql?query=%7B__typename%7D?a=b',
  '/graphql?QUERY=%7B__typename%7D',
  '/graphql/?query=%7B__typename%7D',
  '//graphql?query=%7B__typename%7D',
  '/GraphQL?query=%7B__typename%7D',
  'http://gateway/graphql?query=%7B__typename%7D',
];

/** Opens gateways that live as long as the tests around it. */
function openForAll(environment: Readonly<Record<string, string>> = {}): () => Lanes {
  let lanes: Lanes;
  beforeAll(async () => {
    lanes = await openLanes(service, environment);
  });
  afterAll(() => lanes.close());
  return () => lanes;
}

async function open(environment: Readonly<Record<string, string>> = {}, script = service): Promise<Lanes> {
  // Waits are spread by chance, and told.
  vi.spyOn(Math, 'random').mockReturnValue(0.5);
  const lanes = await openLanes(script, environment);
  onTestFinished(() => lanes.close());
  return lanes;
}

describe('the same is answered in the fast lane and by Yoga', () => {
  const lanes = openForAll({ CORS_ORIGINS: 'https://a.example' });

  const table: readonly (readonly [what: string, parts: RequestParts])[] = [
    ...ACCEPTS.map((accept) => [`Accept: ${accept}`, withHeaders(`Accept: ${accept}`)] as const),
    ...CONTENT_TYPES.map(
      (type) => [`Content-Type: ${type}`, { ...asking(JOB), contentType: `Content-Type: ${type}` }] as const,
    ),
    ['no Content-Type', { ...asking(JOB), contentType: null }],
    ...BODIES.map(([what, body]) => [`a body with ${what}`, { body }] as const),
    ...VALUES.map(([what, variables]) => [`variables: ${what}`, withVariables(variables)] as const),
    ...DOCUMENTS.map((document) => [document, asking(document)] as const),
    ...KEYS.flatMap(([what, key, ...headers]) =>
      [JOB, LIST, NAME].map((query) => [what, { ...asking(query), key, headers }] as const),
    ),
    ...HEADERS.map((headers) => [headers.join(), withHeaders(...headers)] as const),
    ...LINES.map((line) => [line, { ...asking(JOB), line }] as const),
    ...[NAME, JOB, LIST, '{', '{ jobz }', 'mutation { a }', '{ job(qrn: "a:9") { qrn } }'].map(
      (document) => [`a GET of ${document}`, getting(document)] as const,
    ),
    ...PARAMETERS.map(([what, more]) => [`a GET with ${what}`, getting(VARIABLES, more)] as const),
    ...TARGETS.map((target) => [`GET ${target}`, byTarget(target)] as const),
    ...ACCEPTS.filter((accept) => /html|stream|^\*|^$/.test(accept)).map(
      (accept) =>
        [`a GET with Accept: ${accept}`, { ...getting(JOB), headers: [`Accept: ${accept}`] }] as const,
    ),
    ...HEADERS.filter((headers) => /Cache|Origin|X-|Content|Expect/.test(headers.join())).map(
      (headers) => [`a GET with ${headers.join()}`, { ...getting(JOB), headers }] as const,
    ),
    ...KEYS.slice(0, 7).map(
      ([what, key, ...headers]) => [`a GET with ${what}`, { ...getting(LIST), key, headers }] as const,
    ),
    ['a GET with a body', { ...getting(JOB), body: bodyOf(NAME), length: 'Content-Length: 24' }],
    ['a GET with a length of nothing', { ...getting(JOB), length: 'Content-Length: 0' }],
    ['a HEAD', { ...getting(JOB), line: 'HEAD /graphql?query=%7B__typename%7D HTTP/1.1' }],
    ['a body without a length', { ...asking(JOB), length: null }],
    ['a body that is longer than told', { ...asking(JOB), length: 'Content-Length: 20' }],
    ['two lengths', { ...asking(JOB), headers: ['Content-Length: 1'] }],
    ['a length of no digits', { ...asking(JOB), length: 'Content-Length: 0x10' }],
    ['a body of 300,000 bytes', { body: bodyOf(`${NAME}#${'a'.repeat(300_000)}`) }],
    [
      'a chunked body',
      {
        body: `5\r\n{"que\r\n16\r\nry":"{ __typename }"}  \r\n0\r\n\r\n`,
        length: 'Transfer-Encoding: chunked',
      },
    ],
    [
      'a length and chunks',
      { body: '0\r\n\r\n', length: 'Content-Length: 5', headers: ['Transfer-Encoding: chunked'] },
    ],
  ];

  test.each(table)('to %s', async (_, parts) => {
    const answers = await sendAll(lanes(), [aRequest(parts)]);
    expect(answers).toEqual(alike(answers));
  });

  test('to requests that come at once on one connection', async () => {
    const all = [
      getting(LIST),
      asking(JOB),
      getting(JOB),
      asking(NAME),
      asking('{'),
      withHeaders('Cache-Control: no-cache'),
      asking(LIST),
    ];
    const text = all.map((parts, index) => aRequest({ ...parts, hasNext: index + 1 < all.length })).join('');
    const answers = await sendAll(lanes(), [text]);
    expect(answers).toEqual(alike(answers));
  });

  test('to a GET as to the POST that asks the same, which is answered from the same memory', async () => {
    const variables = { qrn: 'a:2' };
    const [post] = (await sendAll(lanes(), [aRequest(withVariables(variables))])).cached;
    const [get] = (
      await sendAll(lanes(), [aRequest(getting(VARIABLES, { variables: JSON.stringify(variables) }))])
    ).cached;
    expect([get?.answers, get?.asked]).toEqual([post?.answers, []]);
  });

  test('to a request that comes byte by byte', async () => {
    const answers = await sendAll(lanes(), [...aRequest({ ...asking(NAME), headers: ['X-Request-Id: a'] })]);
    expect(answers).toEqual(alike(answers));
  });

  test('to requests of any of these parts', async () => {
    const bodies = [
      ...BODIES.map(([, body]) => body).filter(({ length }) => length < 1000),
      ...DOCUMENTS.map((text) => bodyOf(text)),
      ...VALUES.map(([, variables]) => bodyOf(VARIABLES, { variables })),
    ];
    const keys = KEYS.filter(([what]) => !/refused|unknown/.test(what));
    const anyParts = fc.record(
      {
        line: fc.oneof(
          { weight: 8, arbitrary: fc.constant('POST /graphql HTTP/1.1') },
          { weight: 1, arbitrary: fc.constantFrom(...LINES) },
        ),
        contentType: fc.oneof(
          { weight: 4, arbitrary: fc.constant('Content-Type: application/json') },
          { weight: 1, arbitrary: fc.constantFrom(...CONTENT_TYPES.map((type) => `Content-Type: ${type}`)) },
        ),
        key: fc.constantFrom('X-API-KEY: alice-key', ...keys.map(([, key]) => key)),
        headers: fc
          .tuple(
            fc.array(fc.constantFrom(...HEADERS), { maxLength: 2 }),
            fc.array(fc.constantFrom(...ACCEPTS.map((accept) => [`Accept: ${accept}`])), { maxLength: 2 }),
          )
          .map((groups) => groups.flat(2)),
        body: fc.constantFrom(...bodies),
      },
      { requiredKeys: ['body'] },
    );
    await fc.assert(
      fc.asyncProperty(anyParts, async (parts) => {
        const answers = await sendAll(lanes(), [aRequest(parts)]);
        expect(answers).toEqual(alike(answers));
      }),
      { numRuns: 60 },
    );
  });
});

describe('with settings of its own, the same is answered in both', () => {
  test.each<[what: string, environment: Readonly<Record<string, string>>]>([
    ['with a list of persisted operations', {}],
    ['where only persisted operations are executed', { PERSISTED_ONLY: 'true' }],
    ['without automatic persisted queries', { APQ_CACHE_BYTES: '0' }],
    ['without a cache of documents', { DOCUMENT_CACHE_BYTES: '0' }],
  ])('%s, to each way to name a document', async (_, environment) => {
    const folder = mkdtempSync(join(tmpdir(), 'lanes-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const path = join(folder, 'operations.json');
    writeFileSync(path, JSON.stringify({ 'job-1': JOB, costly: '{ jobs(first: 500) { nodes { qrn } } }' }));
    const lanes = await open({ PERSISTED_OPERATIONS: path, MAX_OPERATION_COST: '400', ...environment });
    for (const [what, parameters] of NAMINGS) {
      const answers = await sendAll(lanes, [aRequest({ body: toUtf8(JSON.stringify(parameters)) })]);
      expect([what, answers]).toEqual([what, alike(answers)]);
    }
  });

  test.each<[what: string, environment: Readonly<Record<string, string>>, parts: RequestParts]>([
    ['in production, to introspection', { NODE_ENV: 'production' }, asking('{ __schema { __typename } }')],
    ['in production, to a wrong name', { NODE_ENV: 'production' }, asking('{ jobz { qrn } }')],
    ['in production, to a wrong variable', { NODE_ENV: 'production' }, withVariables({ qrn: 1 })],
    ['in production, to a job', { NODE_ENV: 'production' }, asking(JOB)],
    ['to more fields than MAX_OPERATION_COST', { MAX_OPERATION_COST: '100' }, asking(LIST)],
    [
      'to more fields than MAX_OPERATION_COST by a variable',
      { MAX_OPERATION_COST: '100' },
      asking('query ($n: Int = 1) { jobs(first: $n) { nodes { qrn name } } }', { variables: { n: 60 } }),
    ],
    ['to a document of more than MAX_DEPTH', { MAX_DEPTH: '2' }, asking(LIST)],
    ['to a document of more than MAX_TOKENS', { MAX_TOKENS: '10' }, asking(LIST)],
    ['to a document of more than MAX_ALIASES', { MAX_ALIASES: '0' }, asking(TWO, { operationName: 'A' })],
    ['without a cache of documents', { DOCUMENT_CACHE_BYTES: '0' }, asking(JOB)],
    ['where nothing is fresh', { FRESH_ACTIVE_MS: '0' }, asking(JOB)],
    ['where no operation may be in flight beside it', { MAX_OPERATIONS_IN_FLIGHT: '1' }, asking(JOB)],
    ['to any origin', { CORS_ORIGINS: '*' }, withHeaders('Origin: https://b.example')],
    ['without CSRF_PREVENTION', { CSRF_PREVENTION: 'false' }, getting(JOB)],
    ['with CSRF_PREVENTION', { CSRF_PREVENTION: 'true' }, getting(JOB)],
    [
      'with CSRF_PREVENTION, and a header for it',
      { CSRF_PREVENTION: 'true' },
      { ...getting(JOB), headers: ['Apollo-Require-Preflight: 1'] },
    ],
    [
      'with CSRF_PREVENTION, and an empty header for it',
      { CSRF_PREVENTION: 'true' },
      { ...getting(JOB), headers: ['Apollo-Require-Preflight:  '] },
    ],
    [
      'to a body over MAX_REQUEST_BODY_BYTES',
      { MAX_REQUEST_BODY_BYTES: '1024' },
      asking(JOB + ' '.repeat(1024)),
    ],
    ['where an operation may ask once', { MAX_UPSTREAM_REQUESTS_PER_OPERATION: '1' }, asking(JOB)],
  ])('%s', async (_, environment, parts) => {
    const lanes = await open(environment);
    const answers = await sendAll(lanes, [aRequest(parts)]);
    expect(answers).toEqual(alike(answers));
  });

  test('to an answer of just MAX_ANSWER_BYTES, and of one more', async () => {
    const name = (length: number) => `{ ${'a'.repeat(length)}: __typename }`;
    const lanes = await open({ MAX_ANSWER_BYTES: '1024' });
    const all = [1001, 1002, 1003].map((length) => aRequest(asking(name(length))));
    const answers = [];
    for (const request of all) answers.push(await sendAll(lanes, [request]));
    expect(answers).toEqual(answers.map(alike));
  });

  test('while the key is held, with what is stale, and after it', async () => {
    let status = 200;
    const lanes = await open({}, async (request) =>
      status === 200
        ? service(request)
        : refusal(status, 'Why.', status === 429 ? { 'retry-after': '9' } : {}),
    );
    const steps: (readonly [status: number, ms: number, query: string])[] = [
      [200, 0, JOB],
      [429, 3000, JOB],
      [429, 0, LIST],
      [429, 0, JOB],
      [200, 10_000, JOB],
      [503, 3000, JOB],
      [200, 60_000, JOB],
      [401, 3000, JOB],
      [200, 60_000, JOB],
    ];
    const answers = [];
    for (const [next, ms, query] of steps) {
      status = next;
      lanes.advance(ms);
      answers.push(await sendAll(lanes, [aRequest(asking(query))]));
    }
    expect(answers).toEqual(answers.map(alike));
  });

  test.each(STATUSES)('where upstream says %s to one field, and to one of two keys', async (status) => {
    const lanes = await open();
    const job = await sendAll(lanes, [
      aRequest(asking(`{ a: job(qrn: "a:1") { qrn } b: job(qrn: "e:${status}") { qrn } }`)),
    ]);
    const key = `X-API-KEYS: alice=alice-key, other=key-${status}`;
    const lists = [];
    for (const document of [LIST, SILENT, ALIASED]) {
      lists.push(await sendAll(lanes, [aRequest({ ...asking(document), key })]));
    }
    expect([job, ...lists]).toEqual([alike(job), ...lists.map(alike)]);
  });

  test.each([LIST, SILENT, ALIASED])('while one of two keys fails, and after it: %s', async (document) => {
    let isFailing = true;
    const lanes = await open({ FRESH_ACTIVE_MS: '60000' }, (request) =>
      isFailing && request.key === 'bob-key' ? refusal(503, 'Why.') : service(request),
    );
    const request = aRequest({ ...asking(document), key: 'X-API-KEYS: alice=alice-key, bob=bob-key' });
    const answers = [await sendAll(lanes, [request])];
    isFailing = false;
    lanes.advance(30_000);
    answers.push(await sendAll(lanes, [request]));
    const bodies = answers.map(({ yoga }) => yoga.at(-1)?.answers[0]?.body ?? '');
    expect(bodies.map((body) => /UPSTREAM_UNAVAILABLE|JobSourceError/.test(body))).toEqual([true, false]);
    expect(answers).toEqual(answers.map(alike));
  });
});

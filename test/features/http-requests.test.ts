import { describe, expect, test } from 'vitest';
import { createTestGateway, type TestGateway } from '../support/create-test-gateway.ts';
import { aJob } from '../support/job-builder.ts';
import { jobService } from '../support/job-service.ts';

const ANSWER = { data: { __typename: 'Query' } };
const QUERY = JSON.stringify({ query: '{ __typename }' });
const JSON_BODY = { 'content-type': 'application/json' };
const PRODUCTION = { NODE_ENV: 'production' };

/** The status of an answer, and its body. */
async function answerTo({ yoga }: Pick<TestGateway, 'yoga'>, init: RequestInit, path = '/graphql') {
  const response = await yoga.fetch(`http://gateway${path}`, init);
  const text = await response.text();
  return { status: response.status, body: text === '' ? null : JSON.parse(text) };
}

const post = (gateway: TestGateway, body: string | Uint8Array, headers: Record<string, string> = JSON_BODY) =>
  answerTo(gateway, { method: 'POST', headers, body: body as BodyInit });

const refusal = (status: number, code: string, facts: Record<string, unknown> = {}) => ({
  status,
  body: { errors: [{ message: expect.any(String), extensions: { code, ...facts } }] },
});

describe('the body of a POST', () => {
  test.each(['application/json', 'application/json; charset=utf-8', 'Application/JSON ;charset=utf-8'])(
    'is taken as %s',
    async (type) => {
      const gateway = await createTestGateway(() => 'hang');
      expect(await post(gateway, QUERY, { 'content-type': type })).toEqual({ status: 200, body: ANSWER });
    },
  );

  test.each([
    ['application/x-www-form-urlencoded', 'query={__typename}'],
    ['application/graphql', '{ __typename }'],
    ['application/graphql+json', QUERY],
    ['multipart/form-data; boundary=x', '--x--'],
    ['text/plain', QUERY],
    ['text/plain, application/json', QUERY],
    ['', QUERY],
  ])('is refused as “%s”', async (type, body) => {
    const gateway = await createTestGateway(() => 'hang');
    expect(await post(gateway, body, { 'content-type': type })).toEqual(
      refusal(415, 'UNSUPPORTED_MEDIA_TYPE'),
    );
  });

  test('is refused compressed', async () => {
    const gateway = await createTestGateway(() => 'hang');
    expect(await post(gateway, QUERY, { ...JSON_BODY, 'content-encoding': 'gzip' })).toEqual(
      refusal(415, 'UNSUPPORTED_MEDIA_TYPE'),
    );
  });

  test.each([
    ['no JSON', '{"query": qbr_secret'],
    ['a text', '"qbr_secret"'],
    ['null', 'null'],
    ['empty', ''],
    ['a list of operations', `[${QUERY}]`],
    ['not UTF-8', new Uint8Array([0x22, 0xff, 0x22])],
    ['with another parameter', '{"query": "{ __typename }", "qbr_secret": 1}'],
  ])('is refused if it is %s, and not repeated', async (_, body) => {
    const gateway = await createTestGateway(() => 'hang', PRODUCTION);

    const answer = await post(gateway, body);

    expect(answer).toEqual(refusal(400, 'BAD_REQUEST'));
    expect(JSON.stringify([answer, gateway.logs])).not.toContain('secret');
  });

  const MAX = { MAX_REQUEST_BODY_BYTES: '1024' };

  test('may have as many bytes as MAX_REQUEST_BODY_BYTES', async () => {
    const gateway = await createTestGateway(() => 'hang', MAX);
    expect(await post(gateway, QUERY.padEnd(1024))).toEqual({ status: 200, body: ANSWER });
  });

  test.each([
    ['that tells its length', { 'content-length': '1025' }, { got: 1025 }],
    ['that does not', {}, {}],
  ])('with one byte more is refused in a request %s', async (_, headers, facts) => {
    const gateway = await createTestGateway(() => 'hang', MAX);
    const body = new Blob([QUERY.padEnd(1025)]).stream();
    const init: RequestInit & { duplex: string } = {
      method: 'POST',
      headers: { ...JSON_BODY, ...headers },
      body,
      duplex: 'half',
    };
    expect(await answerTo(gateway, init)).toEqual(
      refusal(413, 'REQUEST_ENTITY_TOO_LARGE', { limit: 'MAX_REQUEST_BODY_BYTES', max: 1024, ...facts }),
    );
  });
});

describe('JSON', () => {
  const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);
  /** The body itself and its variables are two levels. */
  const withVariable = (depth: number) =>
    `{"query": "query($tags: JSONObject) { __typename }", "variables": {"a": ${nested(depth - 2)}}}`;

  /** The body itself has two names. */
  const withNames = (count: number) => {
    const variables = Object.fromEntries(
      Array.from({ length: count - 2 }, (_, index) => [`v${index}`, 'a:b']),
    );
    return JSON.stringify({ query: '{ __typename }', variables });
  };

  test.each([
    ['brackets in a text', JSON.stringify({ query: `{ __typename } #${'[{'.repeat(200)}\\" ` })],
    ['100 levels', withVariable(100).replace('($tags: JSONObject)', '')],
    ['1,000 names', withNames(1000)],
  ])('with %s is taken', async (_, body) => {
    const gateway = await createTestGateway(() => 'hang');
    expect(await post(gateway, body)).toMatchObject({ status: 200 });
  });

  test.each([
    ['101 levels of lists in variables', withVariable(101)],
    ['1,001 names', withNames(1001)],
    ['101 levels of objects', `${'{"a":'.repeat(101)}1${'}'.repeat(101)}`],
    ['an unfinished list of lists as large as a body may be', '['.repeat(262_144)],
    ['a finished one', nested(131_072)],
  ])('with %s is refused', async (_, body) => {
    const gateway = await createTestGateway(() => 'hang');
    expect(await post(gateway, body)).toEqual(refusal(400, 'BAD_REQUEST'));
  });

  test.each(['variables={qbr_secret', `variables=${nested(101)}`, 'extensions=qbr_secret'])(
    'in a GET is refused with %s, and not repeated',
    async (parameters) => {
      const gateway = await createTestGateway(() => 'hang');
      const answer = await answerTo(gateway, {}, `/graphql?query={__typename}&${parameters}`);
      expect(answer).toEqual(refusal(400, 'BAD_REQUEST'));
      expect(JSON.stringify([answer, gateway.logs])).not.toContain('secret');
    },
  );
});

describe('an operation by GET', () => {
  const path = '/graphql?query={__typename}';
  const get = (gateway: TestGateway, headers: Record<string, string>) => answerTo(gateway, { headers }, path);

  test.each([{}, { 'x-graphql-yoga-csrf': ' ' }, { origin: 'https://evil.example', cookie: 'a=b' }])(
    'with %j is refused in production',
    async (headers) => {
      const gateway = await createTestGateway(() => 'hang', PRODUCTION);
      expect(await get(gateway, headers)).toEqual(refusal(403, 'CSRF_PREVENTED'));
    },
  );

  test.each<[headers: Record<string, string>, environment: Record<string, string>]>([
    [{ 'x-graphql-yoga-csrf': '1' }, PRODUCTION],
    [{ 'apollo-require-preflight': 'true' }, PRODUCTION],
    [{ 'x-apollo-operation-name': 'Any' }, PRODUCTION],
    [{}, {}],
    [{}, { ...PRODUCTION, CSRF_PREVENTION: 'false' }],
  ])('with %j is answered under %j', async (headers, environment) => {
    const gateway = await createTestGateway(() => 'hang', environment);
    expect(await get(gateway, headers)).toEqual({ status: 200, body: ANSWER });
  });

  test('needs no header where there is no operation, as in the health check', async () => {
    const gateway = await createTestGateway(() => 'hang', PRODUCTION);
    const { status } = await gateway.yoga.fetch('http://gateway/health');
    expect(status).toBe(200);
  });
});

describe('a client is told what there is', () => {
  test.each<[what: string, status: number, code: string, header: string, init: RequestInit]>([
    ['by 405', 405, 'BAD_REQUEST', 'allow', { method: 'PUT', body: '{}' }],
    [
      'by 406 to what accepts only pictures',
      406,
      'NOT_ACCEPTABLE',
      'accept',
      { method: 'POST', headers: { ...JSON_BODY, accept: 'image/png' }, body: QUERY },
    ],
    [
      'by 406 to who subscribes and accepts only JSON',
      406,
      'NOT_ACCEPTABLE',
      'accept',
      {
        method: 'POST',
        headers: { ...JSON_BODY, accept: 'application/json', 'x-api-key': 'alice-key' },
        body: JSON.stringify({ query: 'subscription { jobUpdated(qrns: ["a:1"]) { qrn } }' }),
      },
    ],
    ['by 415', 415, 'UNSUPPORTED_MEDIA_TYPE', 'accept', { method: 'POST', body: 'a' }],
  ])('%s', async (_, status, code, header, init) => {
    const { yoga } = await createTestGateway(() => 'hang');
    const response = await yoga.fetch('http://gateway/graphql', init);
    expect({ status: response.status, body: await response.json() }).toEqual(refusal(status, code));
    expect(response.headers.get(header)).toMatch(/GET, POST|application\/json|text\/event-stream/);
  });

  test.each(['/', '/nothing', '//graphql', '/graphql/more', '/nothing?a=/graphql', '/%zz'])(
    'by 404 at %s',
    async (path) => {
      const gateway = await createTestGateway(() => 'hang');
      expect(await answerTo(gateway, {}, path)).toEqual(refusal(404, 'NOT_FOUND'));
    },
  );
});

describe('an answer', () => {
  test.each([
    ['/graphql?query={__typename}', {}],
    ['/graphql?query={', {}],
    ['/graphql?query=subscription{jobUpdated(qrns:["a:1"]){qrn}}', { accept: 'text/event-stream' }],
    ['/health', {}],
    ['/nothing', {}],
  ])('at %s is for one client only, and is no page', async (path, headers) => {
    const { yoga } = await createTestGateway(() => 'hang');
    const response = await yoga.fetch(`http://gateway${path}`, { headers });
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'cache-control': 'private, no-store',
      vary: 'Accept, X-API-KEY, X-API-KEYS',
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
      'cross-origin-resource-policy': 'same-origin',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
    });
    await response.body?.cancel();
  });

  test.each([
    ['a list', 'query={jobs{nodes{name}}}', {}],
    ['an error', 'query={job(qrn:"a:1"){name}node(id:"x"){id}}', {}],
    ['an event', 'query=subscription{jobUpdated(qrns:["a:1"]){name}}', { accept: 'text/event-stream' }],
  ])('to GET with %s of one key reaches no other key through a shared cache', async (_, query, headers) => {
    const lists = { 'alice-key': [aJob('a:1', { name: 'of alice' })], 'bob-key': [] };
    const gateway = await createTestGateway(jobService(lists));
    const cache = createSharedCache(gateway);
    const read = (key: string) => cache(`http://gateway/graphql?${query}`, { ...headers, 'x-api-key': key });

    const [alice, bob, nobody] = [await read('alice-key'), await read('bob-key'), await read('')];

    expect(alice).toContain('of alice');
    expect(bob + nobody).not.toContain('of alice');
  });
});

/** A cache that nobody configured: it keeps all that RFC 9111 allows it to, and looks at what `Vary` names. */
function createSharedCache({ yoga }: TestGateway) {
  const kept: { url: string; vary: readonly string[]; headers: Headers; text: string }[] = [];
  return async (url: string, init: Record<string, string>): Promise<string> => {
    const headers = new Headers(init);
    const hit = kept.find(
      (entry) =>
        entry.url === url && entry.vary.every((name) => entry.headers.get(name) === headers.get(name)),
    );
    if (hit !== undefined) return hit.text;
    const response = await yoga.fetch(url, { headers });
    const text = await readFirst(response);
    const isPrivate = /private|no-store/.test(response.headers.get('cache-control') ?? '');
    const vary = (response.headers.get('vary') ?? '').split(',').flatMap((name) => name.trim() || []);
    if (!isPrivate) kept.push({ url, vary, headers, text });
    return text;
  };
}

/** The whole text of an answer, or of a stream all up to its first event. */
async function readFirst(response: Response): Promise<string> {
  if (!response.headers.get('content-type')?.startsWith('text/event-stream')) return response.text();
  const reader = response.body?.getReader();
  let text = '';
  while (!text.includes('event: ')) text += new TextDecoder().decode((await reader?.read())?.value);
  await reader?.cancel();
  return text;
}

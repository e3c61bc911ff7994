import { describe, expect, test, vi } from 'vitest';
import { type AnswerError, createTestGateway } from '../support/create-test-gateway.ts';
import { aJob } from '../support/job-builder.ts';
import { overriding, pageOf, refusal } from '../support/job-service.ts';
import type { UpstreamBehaviour, UpstreamReply } from '../support/scripted-upstream.ts';

const readJob = '{ job(qrn: "qbraid:job:1") { qrn } }';

/** What clients are told when the upstream answers a request for a job like this. */
async function tell(behaviour: UpstreamBehaviour, key = 'alice-key') {
  const { query } = await createTestGateway(() => behaviour);
  const { data, errors = [] } = await query(readJob, { key });
  return { data, errors: errors.map(toFacts) };
}

const toFacts = ({ path, extensions }: AnswerError): Record<string, unknown> => ({ path, ...extensions });

/** The answer of a failed `job`: null, and this about why. */
const failed = (extensions: object) => ({ data: { job: null }, errors: [{ path: ['job'], ...extensions }] });

const nothingKnown = { status: null, code: null, requestId: null };

const envelopes: [
  name: string,
  reply: UpstreamReply,
  facts: { code: string | null; requestId: string | null },
][] = [
  ['documented', { body: { detail: 'No.' } }, { code: null, requestId: null }],
  [
    'recorded',
    {
      body: {
        success: false,
        message: 'No.',
        error: {
          message: 'No.',
          code: 'SOME_CODE',
          requestId: 'req-1',
          timestamp: '2026-01-15T00:00:00Z',
          debugInfo: { hasAuthorization: false, hasApiKey: true },
        },
      },
    },
    { code: 'SOME_CODE', requestId: 'req-1' },
  ],
  [
    'HTML',
    { body: '<html>No.</html>', headers: { 'content-type': 'text/html' } },
    { code: null, requestId: null },
  ],
  ['empty', { body: '' }, { code: null, requestId: null }],
  ['JSON that is no object', { body: '["No."]' }, { code: null, requestId: null }],
  [
    'empty, though compressed',
    { body: '', headers: { 'content-encoding': 'gzip' } },
    { code: null, requestId: null },
  ],
  [
    'in an unknown content coding',
    { body: 'No.', headers: { 'content-encoding': 'zstd' } },
    { code: null, requestId: null },
  ],
  ['cut off', { body: '{"detail":', isCutOff: true }, { code: null, requestId: null }],
  ['too large', { body: 'x'.repeat(17_000_000) }, { code: null, requestId: null }],
];

describe.each(envelopes)('an upstream answer with a body that is %s', (_, reply, facts) => {
  test.each([
    [301, 'UPSTREAM_INVALID_RESPONSE'],
    [307, 'UPSTREAM_INVALID_RESPONSE'],
    [400, 'UPSTREAM_REJECTED'],
    [401, 'UNAUTHENTICATED'],
    [402, 'UPSTREAM_REJECTED'],
    [403, 'FORBIDDEN'],
    [404, 'NOT_FOUND'],
    [409, 'UPSTREAM_REJECTED'],
    [418, 'UPSTREAM_REJECTED'],
    [422, 'BAD_USER_INPUT'],
    [429, 'RATE_LIMITED'],
    [500, 'UPSTREAM_UNAVAILABLE'],
    [502, 'UPSTREAM_UNAVAILABLE'],
    [503, 'UPSTREAM_UNAVAILABLE'],
    [504, 'UPSTREAM_UNAVAILABLE'],
    [520, 'UPSTREAM_UNAVAILABLE'],
  ])('and the status %i is told as %s', async (status, code) => {
    // Where upstream does not say how long to wait, the gateway does.
    const wait = status === 429 ? { retryAfterMs: expect.any(Number) } : {};
    expect(await tell({ ...reply, status })).toEqual(
      failed({ code, ...wait, upstream: { status, ...facts } }),
    );
  });
});

describe('an upstream answer with the status 200', () => {
  const status = 200;

  test.each<[what: string, body: unknown, code: string, facts: object]>([
    ['that says it failed', { success: false, data: aJob('qbraid:job:1') }, 'UPSTREAM_REJECTED', {}],
    [
      'that says why it failed',
      { success: false, error: { code: 'NO_CREDITS', requestId: 'req-2' } },
      'UPSTREAM_REJECTED',
      { code: 'NO_CREDITS', requestId: 'req-2' },
    ],
    ['that is empty', '', 'UPSTREAM_INVALID_RESPONSE', {}],
    ['that is HTML', '<html>', 'UPSTREAM_INVALID_RESPONSE', {}],
    ['that is a list', '[]', 'UPSTREAM_INVALID_RESPONSE', {}],
    ['that is null', 'null', 'UPSTREAM_INVALID_RESPONSE', {}],
    ['that is JSON cut off', '{"success":true,"data":{"jobQrn":"qb', 'UPSTREAM_INVALID_RESPONSE', {}],
    ['without a job', { success: true }, 'UPSTREAM_INVALID_RESPONSE', {}],
    ['with a list for a job', { success: true, data: [] }, 'UPSTREAM_INVALID_RESPONSE', {}],
    ['about another job', { success: true, data: aJob('qbraid:job:2') }, 'UPSTREAM_INVALID_RESPONSE', {}],
  ])('%s is no success', async (_, body, code, facts) => {
    expect(await tell({ status, body })).toEqual(
      failed({ code, upstream: { ...nothingKnown, status, ...facts } }),
    );
  });
});

describe('a list', () => {
  const pagination = { page: 1, limit: 50, total: 1 };

  test.each<[what: string, body: object]>([
    ['that is none', { data: { 0: aJob('a:1') }, pagination }],
    ['that is absent', { pagination }],
    ['without a total', { data: [], pagination: { page: 1, limit: 50 } }],
    ['with a total below nothing', { data: [], pagination: { total: -1 } }],
    ['with half a job in its total', { data: [], pagination: { ...pagination, total: 1.5 } }],
    ['with a total as text', { data: [], pagination: { ...pagination, total: '1' } }],
    ['with a total that no client can read', { data: [], pagination: { ...pagination, total: 2 ** 31 } }],
    ['without pagination', { data: [] }],
    ['that is another page', { data: [], pagination: { ...pagination, page: 2 } }],
    ['with another limit', { data: [], pagination: { ...pagination, limit: 20 } }],
    ['that is empty, though there are jobs', { data: [], pagination }],
    [
      'of more jobs than it says there are',
      { data: Array.from({ length: 50 }, (_, index) => aJob(`a:${index}`)), pagination },
    ],
    ['of more jobs than asked for', { data: Array(51).fill(aJob('a:1')), pagination }],
  ])('%s is not read', async (_, body) => {
    const { query } = await createTestGateway(() => ({ body: { success: true, ...body } }));

    const { data, errors } = await query('{ jobs { nodes { qrn } } }');

    expect({ data, extensions: errors?.map(({ extensions }) => extensions) }).toEqual({
      data: { jobs: null },
      extensions: [{ code: 'UPSTREAM_INVALID_RESPONSE', upstream: { ...nothingKnown, status: 200 } }],
    });
  });

  test('that is refused is told like a job that is refused', async () => {
    const { query } = await createTestGateway(() => refusal(429, 'No.', { 'retry-after': '3' }));

    const { data, errors } = await query('{ jobs { totalCount } }');

    expect({ data, errors: errors?.map(toFacts) }).toEqual({
      data: { jobs: null },
      errors: [
        {
          path: ['jobs'],
          code: 'RATE_LIMITED',
          retryAfterMs: 3000,
          upstream: { ...nothingKnown, status: 429 },
        },
      ],
    });
  });
});

describe('the validation details of a 422', () => {
  test('are handed on, and nothing else of the answer', async () => {
    const detail = [
      { loc: ['query', 'page', 0], msg: 'Input should be a valid integer', type: 'int_parsing', input: 'x' },
      { loc: ['path', 'job_qrn'], msg: 'Not a QRN', type: 'value_error' },
    ];
    expect(await tell(refusal(422, detail))).toEqual(
      failed({
        code: 'BAD_USER_INPUT',
        details: [
          { loc: ['query', 'page', 0], msg: 'Input should be a valid integer', type: 'int_parsing' },
          { loc: ['path', 'job_qrn'], msg: 'Not a QRN', type: 'value_error' },
        ],
        upstream: { ...nothingKnown, status: 422 },
      }),
    );
  });

  test('of an unknown shape do no harm', async () => {
    const detail = [null, 'x', { loc: 'y', msg: { toString: 1 }, type: null }, { loc: [{}, null] }];
    expect(await tell(refusal(422, detail))).toEqual(
      failed({
        code: 'BAD_USER_INPUT',
        details: [
          { loc: [], msg: '', type: '' },
          { loc: ['', ''], msg: '', type: '' },
        ],
        upstream: { ...nothingKnown, status: 422 },
      }),
    );
  });
});

describe('the time to wait', () => {
  test.each<[what: string, reply: UpstreamReply]>([
    ['cannot be decompressed', { body: '', headers: { 'content-encoding': 'gzip' } }],
    ['is cut off', { body: '{"detail":', isCutOff: true }],
  ])('is known also where the body of the refusal %s', async (_, { headers, ...reply }) => {
    const answer = { ...reply, status: 429, headers: { ...headers, 'retry-after': '30' } };
    const { query, upstream } = await createTestGateway(() => answer);
    for (let count = 0; count < 3; count++) {
      const { errors } = await query(readJob, { headers: { 'cache-control': 'no-cache' } });
      expect(errors?.[0]?.extensions).toMatchObject({ code: 'RATE_LIMITED', retryAfterMs: 30_000 });
    }
    expect(upstream.requests).toHaveLength(1);
  });

  test.each<[status: number, retryAfter: string, retryAfterMs: unknown]>([
    [429, '7', 7000],
    [429, '1', 1000],
    [429, '0', expect.any(Number)],
    [429, 'Thu, 15 Jan 2026 00:01:30 GMT', 90_000],
    [429, 'Wed, 14 Jan 2026 00:00:00 GMT', expect.any(Number)],
    [429, 'soon', expect.any(Number)],
    [429, '-5', expect.any(Number)],
    [503, 'soon', undefined],
    [503, '2', 2000],
    [500, '120', 120_000],
    [503, 'Thu, 15 Jan 2026 00:01:30 GMT', 90_000],
    [502, 'Wed, 14 Jan 2026 00:00:00 GMT', 0],
    [404, '5', undefined],
    [409, '5', undefined],
  ])('of a %i with Retry-After: %s is %s', async (status, retryAfter, retryAfterMs) => {
    const { errors } = await tell(refusal(status, 'No.', { 'retry-after': retryAfter }));
    expect(errors.map((error) => error['retryAfterMs'])).toEqual([retryAfterMs]);
  });

  test.each([
    [429, 60_000, 30_000],
    [503, 60_000, 30_000],
    [503, -3_600_000, 3_690_000],
    [503, 120_000, 0],
  ])(
    'of a %i until a date is by the wall clock, which stepped by %i ms',
    async (status, stepMs, expected) => {
      const reply = refusal(status, 'No.', { 'retry-after': 'Thu, 15 Jan 2026 00:01:30 GMT' });
      const { query, clock } = await createTestGateway(() => reply);
      clock.stepWallClock(stepMs);
      const { errors } = await query(readJob);
      expect(errors?.map(({ extensions }) => extensions['retryAfterMs'])).toEqual([expected]);
    },
  );
});

describe('a connection', () => {
  test.each<[what: string, behaviour: UpstreamBehaviour]>([
    ['that is reset', 'reset'],
    ['that is cut off within the answer', { body: { success: true, data: {} }, isCutOff: true }],
    [
      'that is cut off behind a whole answer',
      { body: { success: true, data: aJob('qbraid:job:1') }, isCutOff: true },
    ],
  ])('%s means that the upstream is unavailable', async (_, behaviour) => {
    expect(await tell(behaviour)).toEqual(failed({ code: 'UPSTREAM_UNAVAILABLE', upstream: nothingKnown }));
  });

  test('that is refused means that the upstream is unavailable', async () => {
    const { query, upstream } = await createTestGateway(() => 'hang');
    await upstream.close();

    const { data, errors } = await query(readJob);

    expect({ data, errors }).toMatchObject({
      data: { job: null },
      errors: [
        {
          message: 'The connection to the qBraid API failed (ECONNREFUSED).',
          extensions: { code: 'UPSTREAM_UNAVAILABLE', upstream: nothingKnown },
        },
      ],
    });
  });

  test('is not made anew for a redirect, nor with the key', async () => {
    const { query, upstream } = await createTestGateway(() => ({
      status: 302,
      headers: { location: `${upstream.url}/jobs/qbraid:job:2` },
    }));

    const { errors } = await query(readJob);

    expect(errors?.map(({ extensions }) => extensions.code)).toEqual(['UPSTREAM_INVALID_RESPONSE']);
    expect(upstream.requests).toEqual([{ path: '/jobs/qbraid:job:1', key: 'alice-key' }]);
  });
});

describe('an upstream that does not answer in time', () => {
  test.each<
    [what: string, behaviour: UpstreamBehaviour, environment: Record<string, string>, timeoutMs: number]
  >([
    ['nothing', 'hang', {}, 20_000],
    ['nothing', 'hang', { UPSTREAM_TIMEOUT_MS: '500' }, 500],
    ['half an answer', { body: { success: true }, isStalled: true }, {}, 20_000],
  ])('but sends %s is given up', async (_, behaviour, environment, timeoutMs) => {
    const { query, upstream, clock } = await createTestGateway(() => behaviour, environment);

    const answer = query(readJob);
    await upstream.received(1);
    clock.advance(timeoutMs);

    expect(await answer).toMatchObject({
      data: { job: null },
      errors: [
        {
          message: `The qBraid API did not answer within ${timeoutMs} ms.`,
          extensions: { code: 'GATEWAY_TIMEOUT', upstream: nothingKnown },
        },
      ],
    });
    await upstream.abandoned(1);
  });

  test('is not given up a moment before', async () => {
    const { query, clock } = await createTestGateway(() => {
      clock.advance(19_999);
      return { body: { success: true, data: aJob('qbraid:job:1') } };
    });

    expect(await query(readJob)).toEqual({ data: { job: { qrn: 'qbraid:job:1' } } });
  });
});

test('a field that fails leaves the fields beside it', async () => {
  const script = overriding(
    ({ path }) => ({ body: { success: true, data: aJob(path.slice('/jobs/'.length)) } }),
    ({ path }) => {
      if (path.startsWith('/jobs?')) return pageOf([aJob('a:3')], new URLSearchParams('limit=1'));
      return path === '/jobs/a:2' ? refusal(403, 'No.') : undefined;
    },
  );
  const { query } = await createTestGateway(script);

  const { data, errors } = await query(
    '{ one: job(qrn: "a:1") { qrn } two: job(qrn: "a:2") { qrn } jobs(first: 1) { nodes { qrn } } }',
  );

  expect(data).toEqual({ one: { qrn: 'a:1' }, two: null, jobs: { nodes: [{ qrn: 'a:3' }] } });
  expect(errors?.map(({ path, extensions }) => [path, extensions.code])).toEqual([[['two'], 'FORBIDDEN']]);
});

describe('a fault of the gateway itself', () => {
  test('tells clients nothing of itself, and the log everything', async () => {
    const { query, clock, logs } = await createTestGateway(() => 'hang');
    vi.spyOn(clock, 'schedule').mockImplementation(() => {
      throw new TypeError('the inner workings');
    });

    expect(await query(readJob)).toEqual({
      data: { job: null },
      errors: [
        {
          message: 'Unexpected error.',
          locations: expect.any(Array),
          path: ['job'],
          extensions: { code: 'INTERNAL_SERVER_ERROR' },
        },
      ],
    });
    expect(logs.filter(({ level }) => Number(level) >= 50)).toEqual([
      expect.objectContaining({ err: expect.objectContaining({ message: 'the inner workings' }) }),
    ]);
  });
});

describe('input that GraphQL itself refuses', () => {
  test.each<[query: string, variables: object, code: string]>([
    ['query ($first: Int) { jobs(first: $first) { totalCount } }', { first: 'x' }, 'BAD_USER_INPUT'],
    ['query ($qrn: String!) { job(qrn: $qrn) { qrn } }', {}, 'BAD_USER_INPUT'],
    ['query ($qrn: String = "a:1") { job(qrn: $qrn) { qrn } }', { qrn: null }, 'BAD_USER_INPUT'],
    ['{ jobs(first: "x") { totalCount } }', {}, 'GRAPHQL_VALIDATION_FAILED'],
    ['{ job { qrn } }', {}, 'GRAPHQL_VALIDATION_FAILED'],
    ['{ job(qrn: "a:1") { deviceId } }', {}, 'GRAPHQL_VALIDATION_FAILED'],
    ['{ job(qrn: "a:1") { qrn }', {}, 'GRAPHQL_PARSE_FAILED'],
  ])('in %s with %j has a code too', async (document, variables, code) => {
    const { query, upstream } = await createTestGateway(() => 'hang');

    const { errors } = await query(document, { variables: { ...variables } });

    expect(errors?.map(({ extensions }) => extensions.code)).toEqual([code]);
    expect(upstream.requests).toEqual([]);
  });
});

test.each<[what: string, document: string, operationName: string | null]>([
  ['that is not in the document', 'query A { __typename }', 'B'],
  ['that is not given, beside several', 'query A { __typename } query B { __typename }', null],
])('an operation name %s is told, by whichever way', async (_, document, operationName) => {
  const { query } = await createTestGateway(() => 'hang');
  const ways = [true, false].map((isByYoga) => query(document, { parameters: { operationName }, isByYoga }));
  expect(await Promise.all(ways)).toMatchObject(
    Array(2).fill({ errors: [{ extensions: { code: 'OPERATION_RESOLUTION_FAILURE' } }] }),
  );
});

describe('nothing of what the upstream writes is repeated', () => {
  const key = 'QBR_KEY-1';

  test.each<[what: string, error: object, facts: object]>([
    ['a code that is the key', { code: 'QBRKEY1' }, { code: null }],
    ['a code that is a sentence', { code: 'No such thing' }, { code: null }],
    ['a code that is no text', { code: 7 }, { code: null }],
    ['a code without end', { code: 'A'.repeat(65) }, { code: null }],
    ['a request id with the key in it', { requestId: `req-QBRKEY1-1` }, { requestId: null }],
    ['a request id that is a sentence', { requestId: 'see the log' }, { requestId: null }],
    ['a request id without end', { requestId: 'a'.repeat(129) }, { requestId: null }],
    ['a request id of another kind', { requestId: '0f8f-1:2.3_4' }, { requestId: '0f8f-1:2.3_4' }],
  ])('if it is %s', async (_, error, facts) => {
    const answer = await tell({ status: 500, body: { success: false, error } }, 'QBRKEY1');
    expect(answer).toEqual(
      failed({ code: 'UPSTREAM_UNAVAILABLE', upstream: { ...nothingKnown, status: 500, ...facts } }),
    );
  });

  test.each([301, 400, 401, 403, 404, 409, 422, 429, 500, 200])(
    'if it is a text with the key, in an answer with the status %i',
    async (status) => {
      const text = `The upstream says: ${key}`;
      const { query } = await createTestGateway(() => ({
        status,
        headers: { 'retry-after': text, 'x-request-id': text },
        body: {
          success: false,
          message: text,
          detail: text,
          error: { message: text, code: text, requestId: text },
        },
      }));

      const answer = JSON.stringify(await query(readJob, { key }));

      expect(answer).not.toMatch(/upstream says|QBR_KEY-1/);
    },
  );

  test('but the validation details, without the key', async () => {
    const detail = [{ loc: ['header', `x-${key}`], msg: `"${key}" and ${key}: wrong`, type: key }];
    const { errors } = await tell(refusal(422, detail), key);
    expect(errors.map((error) => error['details'])).toEqual([
      [{ loc: ['header', 'x-[redacted]'], msg: '"[redacted]" and [redacted]: wrong', type: '[redacted]' }],
    ]);
  });
});

import { createHash } from 'node:crypto';
import { describe, expect, test, vi } from 'vitest';
import { createTestGateway } from '../support/create-test-gateway.ts';
import { aJob, someJobs } from '../support/job-builder.ts';
import { jobService } from '../support/job-service.ts';
import type { UpstreamBehaviour } from '../support/scripted-upstream.ts';

const readJob = 'query ($qrn: String!) { job(qrn: $qrn) { qrn } }';
const countBySource = '{ jobs { sources { key totalCount } } }';
const introspect = '{ __schema { queryType { name } } __typename }';

/** An upstream where every key has as many jobs as its name is long. */
const openAnyKey = () =>
  createTestGateway((request) =>
    jobService({ [request.key ?? '']: someJobs(request.key?.length ?? 0) })(request),
  );

/** The label of a key that was sent without one. */
const labelOf = (key: string) =>
  `key-${createHash('sha256').update('qbraid-graphql-gateway\n').update(key).digest('hex').slice(0, 12)}`;

/** So many items of X-API-KEYS: `alice10=key10`, `alice11=key11` and so on. */
const manyKeys = (count: number) =>
  Array.from({ length: count }, (_, index) => `alice${index + 10}=key${index + 10}`);

describe('X-API-KEY', () => {
  test.each([' qbr_Aa0_.- ', 'a+b/c~d==', 'x'.repeat(512)])('is forwarded as it is: %s', async (key) => {
    const { query, upstream } = await createTestGateway(() => ({
      body: { success: true, data: aJob('a:1') },
    }));
    expect(await query(readJob, { key, variables: { qrn: 'a:1' } })).toEqual({
      data: { job: { qrn: 'a:1' } },
    });
    expect(upstream.requests).toEqual([{ path: '/jobs/a:1', key: key.trim() }]);
  });

  test.each(['"secret"', '<secret>', 'Bearer secret', 'alice=secret', 'secret1, secret2', 's\u00e9cret'])(
    'is refused and reaches no route where it cannot be a key: %s',
    async (key) => {
      const { query, upstream, logs } = await openAnyKey();

      const answer = await query('{ jobs { totalCount } }', { key });

      expect(answer).toMatchObject({
        data: { jobs: null },
        errors: [
          {
            message: expect.stringContaining('X-API-KEY must be one key'),
            extensions: { code: 'BAD_USER_INPUT' },
          },
        ],
      });
      expect(JSON.stringify([answer, logs])).not.toContain('cret');
      expect(upstream.requests).toEqual([]);
    },
  );

  test('is forwarded with the request that it came with', async () => {
    const { query, upstream } = await openAnyKey();
    await Promise.all([
      query('{ jobs { totalCount } }', { key: 'a' }),
      query('{ jobs { totalCount } }', { key: 'bc' }),
    ]);
    expect(upstream.requests.map(({ key }) => key).sort()).toEqual(['a', 'bc']);
  });

  test('shows each key its own jobs', async () => {
    const { query } = await openAnyKey();
    const count = async (key: string) =>
      (await query('{ jobs { totalCount } }', { key })).data.jobs.totalCount;
    expect([await count('a'), await count('bc'), await count('a')]).toEqual([1, 2, 1]);
  });
});

describe('no key', () => {
  test.each([
    ['job', '{ job(qrn: "a:1") { qrn } }'],
    ['job of a name that cannot be', '{ job(qrn: "") { qrn } }'],
    ['jobs', '{ jobs { totalCount } }'],
    ['node', '{ node(id: "Sm9iOmE6MQ") { id } }'],
  ])('is not enough for %s', async (_, document) => {
    const { query, upstream } = await openAnyKey();

    const { data, errors } = await query(document, { key: null });

    expect({ values: Object.values(data), errors }).toMatchObject({
      values: [null],
      errors: [
        {
          message:
            'A qBraid API key is required, got none: send it as the X-API-KEY header, or several as X-API-KEYS.',
          extensions: { code: 'UNAUTHENTICATED' },
        },
      ],
    });
    expect(upstream.requests).toEqual([]);
  });

  test('is not enough for any of the nodes', async () => {
    const { query } = await openAnyKey();
    const { data, errors } = await query('{ nodes(ids: ["Sm9iOmE6MQ", "Sm9iOmE6Mg"]) { id } }', {
      key: null,
    });
    expect(data).toEqual({ nodes: [null, null] });
    expect(errors?.map(({ extensions }) => extensions.code)).toEqual(['UNAUTHENTICATED', 'UNAUTHENTICATED']);
  });

  test.each<[what: string, headers: Record<string, string>]>([
    ['an empty X-API-KEY', { 'x-api-key': '' }],
    ['a blank X-API-KEY', { 'x-api-key': '  ' }],
    ['an empty X-API-KEYS', { 'x-api-keys': '' }],
    ['X-API-KEYS of empty items', { 'x-api-keys': ' , ,, ' }],
  ])('is what %s comes to', async (_, headers) => {
    const { query } = await openAnyKey();
    const { errors } = await query('{ jobs { totalCount } }', { key: null, headers });
    expect(errors?.map(({ extensions }) => extensions.code)).toEqual(['UNAUTHENTICATED']);
  });

  test('is enough to ask for the schema', async () => {
    const { query } = await openAnyKey();
    expect(await query(introspect, { key: null })).toEqual({
      data: { __schema: { queryType: { name: 'Query' } }, __typename: 'Query' },
    });
  });
});

describe('X-API-KEYS', () => {
  test.each<[keys: string, jobsByLabel: Record<string, number>]>([
    ['alice=a, bob=bb', { alice: 1, bob: 2 }],
    ['bob=bb,alice=a', { bob: 2, alice: 1 }],
    [' , alice = a ,, bob=bb , ', { alice: 1, bob: 2 }],
    ['alice=aa==', { alice: 4 }],
    ['abc==', { [labelOf('abc==')]: 5 }],
    ['A-z_09=a', { 'A-z_09': 1 }],
    [`${'l'.repeat(32)}=a`, { ['l'.repeat(32)]: 1 }],
    ['alice=a, bob=a', { alice: 1 }],
    ['alice=a, alice=a', { alice: 1 }],
    ['abc', { [labelOf('abc')]: 3 }],
    ['abc, carol=dd', { [labelOf('abc')]: 3, carol: 2 }],
    [manyKeys(20).join(), Object.fromEntries(manyKeys(20).map((item) => [item.split('=')[0], 5]))],
    [
      [...manyKeys(20), 'again=key10'].join(),
      Object.fromEntries(manyKeys(20).map((item) => [item.split('=')[0], 5])),
    ],
  ])('%s names its keys', async (keys, jobsByLabel) => {
    const { query } = await openAnyKey();
    const { data } = await query(countBySource, { keys });
    expect(data.jobs.sources).toEqual(
      Object.entries(jobsByLabel).map(([key, totalCount]) => ({ key, totalCount })),
    );
  });

  test.each([
    ['alice=a, bob=bb', ['default', 'alice', 'bob']],
    ['alice=me', ['default']],
    ['default=me, bob=bb', ['default', 'bob']],
  ])('%s stands behind X-API-KEY', async (keys, labels) => {
    const { query } = await openAnyKey();
    const { data } = await query(countBySource, { keys, headers: { 'x-api-key': 'me' } });
    expect(data.jobs.sources.map(({ key }: { key: string }) => key)).toEqual(labels);
  });

  const malformed: [what: string, headers: Record<string, string>, message: string][] = [
    [
      'a label with a space',
      { 'x-api-keys': 'a=secret1, al ice=secret2' },
      'Item 2 of X-API-KEYS has a label',
    ],
    ['an empty label', { 'x-api-keys': '=secret1' }, 'Item 1 of X-API-KEYS has a label that is not'],
    ['a label of 33 characters', { 'x-api-keys': `${'l'.repeat(33)}=secret1` }, 'Item 1 of X-API-KEYS'],
    ['a key and its label in the wrong order', { 'x-api-keys': 'secret.1=alice' }, 'Item 1 of X-API-KEYS'],
    ['a label without a key', { 'x-api-keys': ', alice= ' }, 'Item 2 of X-API-KEYS has a label but no key'],
    [
      'a key that cannot be one',
      { 'x-api-keys': 'alice=secret1; bob=secret2' },
      'Item 1 of X-API-KEYS has a key that is not',
    ],
    [
      'two keys of one label',
      { 'x-api-keys': 'secret=1, secret=2' },
      'in item 1 of X-API-KEYS and item 2 of X-API-KEYS',
    ],
    [
      'a label that X-API-KEY has already',
      { 'x-api-key': 'secret1', 'x-api-keys': 'default=secret2' },
      'in X-API-KEY and item 1 of X-API-KEYS',
    ],
    [
      '21 keys',
      { 'x-api-keys': manyKeys(21).join().replaceAll('key', 'secret') },
      'at most 20 different keys, got 21',
    ],
    [
      '21 keys in both headers',
      { 'x-api-key': 'secret', 'x-api-keys': manyKeys(20).join() },
      'at most 20 different keys, got 21',
    ],
  ];

  test.each(malformed)('with %s is refused, and no key is repeated', async (_, headers, message) => {
    const { query, upstream, logs } = await openAnyKey();

    const answer = await query('{ jobs { totalCount } }', { key: null, headers });

    expect(answer).toMatchObject({
      data: { jobs: null },
      errors: [{ message: expect.stringContaining(message), extensions: { code: 'BAD_USER_INPUT' } }],
    });
    expect(JSON.stringify([answer, logs])).not.toContain('secret');
    expect(upstream.requests).toEqual([]);
  });

  test.each(malformed)('with %s does not keep the schema from being read', async (_, headers) => {
    const { query } = await openAnyKey();
    expect(await query(introspect, { key: null, headers })).toEqual({
      data: { __schema: { queryType: { name: 'Query' } }, __typename: 'Query' },
    });
  });
});

describe('a QRN', () => {
  test.each<[what: string, qrn: string]>([
    ['empty', ''],
    ['the folder above', '..'],
    ['another route', 'statuses'],
    ['a route below a job', 'a:b/cancel'],
    ['a path with a colon', 'a/b:c'],
    ['a way up with a colon', '../a:b'],
    ['an encoded slash', 'a%2Fb:c'],
    ['an encoded way up', '%2e%2e:c'],
    ['a query', 'a:b?limit=1'],
    ['a fragment', 'a:b#c'],
    ['a backslash', 'a:b\\c'],
    ['a null character', 'a:b\0'],
    ['a line break', 'a:b\r\nx-evil: 1'],
    ['a tab', 'a:\tb'],
    ['a delete character', 'a:b\x7f'],
    ['a C1 control character', 'a:b\x85'],
    ['a space', 'a: b'],
    ['a space at its end', 'a:b '],
    ['a no-break space', 'a:\u00a0b'],
    ['a line separator', 'a:\u2028b'],
    ['a zero-width space', 'a:\u200bb'],
    ['a change of direction', 'a:\u202eb'],
    ['256 characters', `a:${'b'.repeat(254)}`],
    ['10,000 characters', `a:${'b'.repeat(9998)}`],
    ['a lone high surrogate', 'a:\ud800'],
    ['a lone low surrogate', '\udc00a:b'],
    ['surrogates in the wrong order', 'a:\udc00\ud800'],
  ])('that is or has %s is refused and reaches no route', async (_, qrn) => {
    const { query, upstream } = await openAnyKey();

    const answer = await query(readJob, { variables: { qrn } });

    expect(answer).toMatchObject({
      data: { job: null },
      errors: [
        {
          message: expect.stringMatching(/^`qrn` must be 1 to 255 printable characters .{0,420}$/s),
          path: ['job'],
          extensions: { code: 'BAD_USER_INPUT' },
        },
      ],
    });
    expect(upstream.requests).toEqual([]);
  });

  test.each([
    ['qbraid:job:abc123xyz', '/jobs/qbraid:job:abc123xyz'],
    ['aws:quera:qpu:aquila-37f5-qjob-696aae28', '/jobs/aws:quera:qpu:aquila-37f5-qjob-696aae28'],
    [':', '/jobs/:'],
    ['..:', '/jobs/..:'],
    ['a:..', '/jobs/a:..'],
    ['statuses:', '/jobs/statuses:'],
    ['a:b@c', '/jobs/a:b%40c'],
    ['a:b;c=d&e+f,g$h', '/jobs/a:b%3Bc%3Dd%26e%2Bf%2Cg%24h'],
    ["a:(b)*!~'_.-", "/jobs/a:(b)*!~'_.-"],
    ['a:"<>[]{}|^`', '/jobs/a:%22%3C%3E%5B%5D%7B%7D%7C%5E%60'],
    ['a:é', '/jobs/a:%C3%A9'],
    ['a:😀', '/jobs/a:%F0%9F%98%80'],
    [`a:${'b'.repeat(253)}`, `/jobs/a:${'b'.repeat(253)}`],
    [`a:${'😀'.repeat(253)}`, `/jobs/a:${'%F0%9F%98%80'.repeat(253)}`],
  ])('%s stays one part of the path', async (qrn, path) => {
    const { query, upstream } = await createTestGateway(jobService({ 'alice-key': [aJob(qrn)] }));
    expect(await query(readJob, { variables: { qrn } })).toEqual({ data: { job: { qrn } } });
    expect(upstream.requests).toEqual([{ path, key: 'alice-key' }]);
  });
});

describe('a key stands in no answer and no log line', () => {
  const key = 'qbr_secret-key.1';

  /** The places of a key in what clients and logs get, with what stands around them. */
  const findKeys = (...texts: unknown[]) => JSON.stringify(texts).match(/.{0,80}secret.{0,20}/g) ?? [];

  /** What an upstream might write that repeats the key wherever it can. */
  const repeat = (text: string) => ({
    success: false,
    message: `about ${text}`,
    detail: [{ loc: [text], msg: `${text} and ${text}`, type: text }],
    error: { message: text, code: text, requestId: text, debugInfo: { text } },
  });

  test.each<[what: string, behave: (key: string) => UpstreamBehaviour]>([
    ['answers', () => ({ body: { success: true, data: aJob('a:1') } })],
    ...[302, 400, 401, 403, 404, 409, 422, 429, 500, 503].map(
      (status): [string, (key: string) => UpstreamBehaviour] => [
        `answers ${status}`,
        (sent) => ({ status, body: repeat(sent), headers: { location: `/${sent}`, 'retry-after': sent } }),
      ],
    ),
    ['says that it failed', (sent) => ({ body: repeat(sent) })],
    ['sends HTML', (sent) => ({ body: `<html>${sent}` })],
    ['sends cut-off JSON', (sent) => ({ body: `{"success":true,"data":"${sent}` })],
    ['calls a status by the key', (sent) => ({ body: { data: { ...aJob('a:1'), status: sent } } })],
    ['calls a job by the key', (sent) => ({ body: { data: { jobQrn: sent, status: 'RUNNING' } } })],
    ['hangs up', () => 'reset'],
    ['hangs up within the answer', (sent) => ({ body: repeat(sent), isCutOff: true })],
  ])('when the upstream %s', async (_, behave) => {
    const { query, logs } = await createTestGateway((request) => behave(request.key ?? ''));
    const readList = '{ jobs { nodes { qrn } sources { key error { code message } } } }';

    const answers = [
      await query(readJob, { key, variables: { qrn: 'a:1' } }),
      await query(readList, { key }),
      await query(readList, { keys: `alice=${key}2, ${key}3` }),
    ];

    expect(logs.length).toBeGreaterThan(answers.length);
    expect(findKeys(answers, logs)).toEqual([]);
  });

  test.each<[what: string, query: string, variables: object]>([
    ['a QRN is refused', readJob, { qrn: 'a b' }],
    ['a page size is refused', '{ jobs(first: 501) { totalCount } }', {}],
    ['a document cannot be parsed', '{', {}],
    ['a document does not fit the schema', '{ nothing }', {}],
    ['a variable does not fit the schema', readJob, { qrn: 7 }],
    ['a label is not known', '{ jobs(filter: { keys: ["carol"] }) { totalCount } }', {}],
    ['a label is a key', `{ jobs(filter: { keys: ["default", "${key}"] }) { totalCount } }`, {}],
  ])('when %s', async (_, document, variables) => {
    const { query, logs } = await createTestGateway(() => 'hang');
    const answer = await query(document, { key, variables: { ...variables } });
    expect(answer.errors).toHaveLength(1);
    expect(findKeys(answer, logs)).toEqual([]);
  });

  test('when the upstream does not answer in time', async () => {
    const { query, logs, upstream, clock } = await createTestGateway(() => 'hang');
    const late = query(readJob, { key, variables: { qrn: 'a:1' } });
    await upstream.received(1);
    clock.advance(20_000);
    expect(findKeys(await late, logs)).toEqual([]);
  });

  test('when the upstream cannot be reached', async () => {
    const { query, logs, upstream } = await createTestGateway(() => 'hang');
    await upstream.close();
    expect(findKeys(await query(readJob, { key, variables: { qrn: 'a:1' } }), logs)).toEqual([]);
  });

  test('when the gateway itself is at fault', async () => {
    const { query, logs, clock } = await createTestGateway(() => 'hang');
    vi.spyOn(clock, 'schedule').mockImplementation(() => {
      throw new TypeError('no time');
    });
    const answer = await query(readJob, { key, variables: { qrn: 'a:1' } });
    expect(answer.errors?.[0]?.extensions.code).toBe('INTERNAL_SERVER_ERROR');
    expect(findKeys(answer, logs)).toEqual([]);
  });
});

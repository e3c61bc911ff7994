import { setImmediate } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createTestGateway, type QueryOptions } from '../support/create-test-gateway.ts';
import { openStream } from '../support/event-stream.ts';
import { holdAnswers } from '../support/held-answers.ts';
import { aJob } from '../support/job-builder.ts';
import { jobService, refusal } from '../support/job-service.ts';
import { openLanes } from '../support/open-lanes.ts';
import { passTime, settled } from '../support/pass-time.ts';
import type { UpstreamScript } from '../support/scripted-upstream.ts';
import { aRequest, toUtf8 } from '../support/wire-request.ts';
import { type RingsByToken, writeKeyRings } from '../support/write-key-rings.ts';

const JOB = '{ job(qrn: "a:1") { name keys } }';
const LIST = '{ jobs(first: 5) { nodes { name } sources { key } } }';
const WATCHED_JOB = 'subscription { jobUpdated(qrns: ["a:1"]) { name queuePosition } }';
const WATCHED_COUNTS = 'subscription { jobCountsChanged { total } }';
const WATCHED_LIST = 'subscription { jobsChanged(first: 5) { nodes { name queuePosition } } }';

const TOKENS = ['token-of-team-1', 'token-of-team-2'] as const;
const RINGS = { [TOKENS[0]]: { alice: 'alice-key' }, [TOKENS[1]]: { bob: 'bob-key' } };

const UNKNOWN =
  'Authorization must be Bearer <token> with the token of a key ring of this gateway, got another token: ask its operator for one, or send qBraid API keys as X-API-KEY or X-API-KEYS.';

/** A job that carries the name of who sees it. */
const seenBy = (name: string) => aJob('a:1', { name, queuePosition: 1 });

const createLists = () => ({ 'alice-key': [seenBy('alice')], 'bob-key': [seenBy('bob')] });

const by = (token: string, more: QueryOptions = {}): QueryOptions => ({
  key: null,
  ...more,
  headers: { authorization: `Bearer ${token}`, ...more.headers },
});

async function open(
  rings: RingsByToken = RINGS,
  script: UpstreamScript = jobService(createLists()),
  environment: Readonly<Record<string, string>> = {},
) {
  const file = writeKeyRings(rings);
  const gateway = await createTestGateway(script, { KEYRINGS_FILE: file.path, ...environment });
  return {
    ...gateway,
    file,
    reload(next: RingsByToken) {
      file.write(next);
      gateway.reloadKeyRings();
    },
    /** The data of an answer, or the code of its error. */
    async read(document: string, options: QueryOptions) {
      const { data, errors } = await gateway.query(document, options);
      return errors === undefined ? data : errors[0]?.extensions.code;
    },
  };
}

describe('a token', () => {
  test('reads with the keys of its ring, under their labels', async () => {
    const { query, upstream } = await open({ [TOKENS[0]]: { alice: 'alice-key', bob: 'bob-key' } });
    expect((await query(LIST, by(TOKENS[0]))).data.jobs.sources).toEqual([{ key: 'alice' }, { key: 'bob' }]);
    expect(upstream.requests.map(({ key }) => key).toSorted()).toEqual(['alice-key', 'bob-key']);
  });

  test('reads with a key that stands in a variable', async () => {
    const rings = { [TOKENS[0]]: { alice: 'env:ALICE_KEY' } };
    const { read } = await open(rings, undefined, { ALICE_KEY: 'alice-key' });
    expect(await read(JOB, by(TOKENS[0]))).toEqual({ job: { name: 'alice', keys: ['alice'] } });
  });

  test('is sent nowhere', async () => {
    const { read, upstream, logs } = await open();
    await read(JOB, by(TOKENS[0], { headers: { 'x-request-id': TOKENS[0] } }));
    await read(JOB, by('token-of-nobody-1'));
    expect(JSON.stringify([upstream.requests, logs])).not.toMatch(/token-of/);
  });

  test.each([
    ['Bearer', TOKENS[0]],
    ['bearer', TOKENS[0]],
    ['BEARER ', TOKENS[0]],
  ])('may stand behind “%s”', async (scheme, token) => {
    const { read } = await open();
    const headers = { authorization: `${scheme} ${token}` };
    expect(await read(JOB, { key: null, headers })).toEqual({ job: { name: 'alice', keys: ['alice'] } });
  });

  test.each(['Bearer', 'Bearer nobody', `Bearer ${TOKENS[0]}x`, `Bearer ${TOKENS[0]}, Bearer ${TOKENS[1]}`])(
    'that is unknown is refused, also beside a key: %s',
    async (authorization) => {
      const { query, upstream } = await open();
      for (const key of [null, 'alice-key']) {
        const { data, errors } = await query(JOB, { key, headers: { authorization } });
        expect([data, errors?.map(({ message, extensions }) => [message, extensions.code])]).toEqual([
          { job: null },
          [[UNKNOWN, 'UNAUTHENTICATED']],
        ]);
      }
      expect(upstream.requests).toEqual([]);
    },
  );

  test('counts beside keys that are sent, each under its first label', async () => {
    const { query } = await open({ [TOKENS[0]]: { alice: 'alice-key', bob: 'bob-key' } });
    expect((await query(LIST, by(TOKENS[0], { key: 'alice-key' }))).data.jobs.sources).toEqual([
      { key: 'default' },
      { key: 'bob' },
    ]);
  });

  test('whose ring has a label of a key that is sent is refused by place', async () => {
    const { query } = await open();
    const { errors } = await query(JOB, by(TOKENS[0], { keys: 'alice=bob-key' }));
    expect(errors?.map(({ message, extensions }) => [message, extensions.code])).toEqual([
      [expect.stringContaining('in item 1 of X-API-KEYS and the key ring'), 'BAD_USER_INPUT'],
    ]);
  });

  test('adds to the keys of a request, of which there are at most 20', async () => {
    const keys = Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`k${index}`, `k${index}`]));
    const { read } = await open({ [TOKENS[0]]: keys });
    expect(await read(JOB, by(TOKENS[0], { key: 'alice-key' }))).toBe('BAD_USER_INPUT');
  });

  test('is not needed for what needs no key', async () => {
    const { read } = await open();
    expect(await read('{ __typename }', by('nobody'))).toEqual({ __typename: 'Query' });
  });

  test('is asked for where there is no key', async () => {
    const { query } = await open();
    const { errors } = await query(JOB, { key: null });
    expect(errors?.map(({ message, extensions }) => [message, extensions.code])).toEqual([
      [
        'A qBraid API key is required, got none: send it as the X-API-KEY header, or several as X-API-KEYS. The token of a key ring serves, too: send it as Authorization: Bearer <token>.',
        'UNAUTHENTICATED',
      ],
    ]);
  });

  test('reads by GET, too', async () => {
    const { yoga } = await open();
    const address = `http://gateway/graphql?${new URLSearchParams({ query: JOB })}`;
    const answers = await Promise.all(
      TOKENS.map((token) => yoga.fetch(address, { headers: { authorization: `Bearer ${token}` } })),
    );
    expect(await Promise.all(answers.map((answer) => answer.json()))).toEqual([
      { data: { job: { name: 'alice', keys: ['alice'] } } },
      { data: { job: { name: 'bob', keys: ['bob'] } } },
    ]);
    expect(answers.map(({ headers }) => [headers.get('vary'), headers.get('cache-control')])).toEqual([
      ['Accept, X-API-KEY, X-API-KEYS, Authorization', 'private, no-store'],
      ['Accept, X-API-KEY, X-API-KEYS, Authorization', 'private, no-store'],
    ]);
  });

  test('may be sent by pages of allowed origins', async () => {
    const { yoga } = await open(RINGS, undefined, { CORS_ORIGINS: 'https://a.example' });
    const headers = { origin: 'https://a.example', 'access-control-request-method': 'POST' };
    const response = await yoga.fetch('http://gateway/graphql', { method: 'OPTIONS', headers });
    expect(response.headers.get('access-control-allow-headers')).toMatch(/^authorization, /);
  });

  test('of a ring with a refused key still shows the jobs of the other keys', async () => {
    const { query } = await open({ [TOKENS[0]]: { dead: 'no-key', bob: 'bob-key' } });
    const { data, errors } = await query(LIST, by(TOKENS[0]));
    expect(data.jobs.nodes).toEqual([{ name: 'bob' }]);
    expect(errors?.map(({ extensions: { code, key } }) => [code, key])).toEqual([
      ['UNAUTHENTICATED', 'dead'],
    ]);
  });
});

test.each(['Basic YWxpY2U6c2VjcmV0', 'Bearerish token', ''])(
  'an Authorization of another scheme is ignored: “%s”',
  async (authorization) => {
    const { read } = await open();
    expect(await read(JOB, { headers: { authorization } })).toEqual({
      job: { name: 'alice', keys: ['default'] },
    });
    expect(await read(JOB, { key: null, headers: { authorization } })).toBe('UNAUTHENTICATED');
  },
);

test('without KEYRINGS_FILE every Authorization is ignored', async () => {
  const { query } = await createTestGateway(jobService(createLists()));
  const ask = (options: QueryOptions) => query(JOB, options);
  const [withKey, alone] = [await ask(by(TOKENS[0], { key: 'alice-key' })), await ask(by(TOKENS[0]))];
  expect(withKey).toEqual({ data: { job: { name: 'alice', keys: ['default'] } } });
  expect(alone.errors?.[0]?.message).toBe(
    'A qBraid API key is required, got none: send it as the X-API-KEY header, or several as X-API-KEYS.',
  );
});

describe('what was read with one token', () => {
  test('is given again to it, and never to another', async () => {
    const { read, ways, upstream } = await open();
    const answers = [];
    for (const token of [...TOKENS, ...TOKENS, ...TOKENS]) answers.push(await read(JOB, by(token)));
    const [alice, bob] = [
      { job: { name: 'alice', keys: ['alice'] } },
      { job: { name: 'bob', keys: ['bob'] } },
    ];
    expect(answers).toEqual([alice, bob, alice, bob, alice, bob]);
    expect(ways).toEqual(['planned', 'planned', 'kept', 'kept', 'kept', 'kept']);
    expect(upstream.requests.map(({ key }) => key)).toEqual(['alice-key', 'bob-key']);
    for (const stranger of [by('nobody'), { key: null }])
      expect(await read(JOB, stranger)).toBe('UNAUTHENTICATED');
  });

  test('is not given to another that asks at the same time', async () => {
    const held = holdAnswers(jobService(createLists()));
    const { read, upstream } = await open(RINGS, held.script);
    await read('{ __typename }', by(TOKENS[0]));
    const answers = TOKENS.map((token) => read(JOB, by(token)));
    await upstream.received(2);
    held.release();
    expect(await Promise.all(answers)).toMatchObject([{ job: { name: 'alice' } }, { job: { name: 'bob' } }]);
  });

  test.each([
    ['a job', WATCHED_JOB, 'jobUpdated'],
    ['a list', WATCHED_LIST, 'jobsChanged'],
  ])('is shown to no stream of another that watches %s', async (_, query, field) => {
    const gateway = await open();
    const streams = await Promise.all(TOKENS.map((token) => openStream(gateway, query, by(token))));
    const events = await Promise.all(streams.map((stream) => stream.next()));
    const names = events.map((event) => {
      const value = event?.data[field];
      return value.name ?? value.nodes[0].name;
    });
    expect(names).toEqual(['alice', 'bob']);
  });
});

describe('a ring that is withdrawn', () => {
  const without = { [TOKENS[1]]: RINGS[TOKENS[1]] };

  test('takes its token with it, also for answers that are kept', async () => {
    const { read, reload, ways } = await open();
    for (const token of [TOKENS[0], TOKENS[0], TOKENS[0], TOKENS[1], TOKENS[1]]) await read(JOB, by(token));
    expect(ways.slice(-2)).toEqual(['planned', 'kept']);
    reload(without);
    expect(await read(JOB, by(TOKENS[0]))).toBe('UNAUTHENTICATED');
    expect(await read(JOB, by(TOKENS[0], { key: 'alice-key' }))).toBe('UNAUTHENTICATED');
    expect(await read(JOB, by(TOKENS[1]))).toEqual({ job: { name: 'bob', keys: ['bob'] } });
    expect(ways.slice(-1)).toEqual(['kept']);
  });

  test('takes with it what is kept for a client that sends the same key beside the token', async () => {
    const { read, reload, ways } = await open();
    const both = by(TOKENS[0], { key: 'alice-key' });
    for (let times = 0; times < 3; times += 1) await read(JOB, both);
    expect(ways.at(-1)).toBe('kept');
    reload(without);
    expect(await read(JOB, both)).toBe('UNAUTHENTICATED');
    expect(await read(JOB, { key: 'alice-key' })).toEqual({ job: { name: 'alice', keys: ['default'] } });
  });

  test('and comes back with another key shows what that key sees', async () => {
    const { read, reload } = await open();
    for (let times = 0; times < 3; times += 1) await read(JOB, by(TOKENS[0]));
    reload({ [TOKENS[0]]: { alice: 'bob-key' } });
    expect(await read(JOB, by(TOKENS[0]))).toEqual({ job: { name: 'bob', keys: ['alice'] } });
  });

  test.each([
    ['in the fast lane', false],
    ['by Yoga', true],
  ])('shows nothing to an operation that is under way %s', async (_, isByYoga) => {
    const lists = createLists();
    let hold: ReturnType<typeof holdAnswers> | null = null;
    const { query, reload, upstream, clock } = await open(RINGS, (request) =>
      (hold?.script ?? jobService(lists))(request),
    );
    for (let times = 0; times < 2; times += 1) await query(JOB, by(TOKENS[0], { isByYoga }));
    clock.advance(3000);
    hold = holdAnswers(jobService(lists));
    const asked = upstream.requests.length;
    const answer = query(JOB, by(TOKENS[0], { isByYoga }));
    await upstream.received(asked + 1);
    reload(without);
    hold.release();
    expect(await answer).toEqual({
      data: null,
      errors: [
        {
          message:
            'The token in Authorization was withdrawn while the operation ran: ask the operator of this gateway for another.',
          extensions: { code: 'UNAUTHENTICATED' },
        },
      ],
    });
  });

  test.each([
    ['a job in the fast lane', WATCHED_JOB, {}],
    ['a list in the fast lane', WATCHED_LIST, {}],
    ['a job by Yoga', WATCHED_JOB, { 'x-operation-cost': '1' }],
    ['a list by Yoga', WATCHED_LIST, { 'x-operation-cost': '1' }],
  ])('ends its streams at once, and no others: %s', async (_, query, headers) => {
    const lists = createLists();
    const gateway = await open(RINGS, jobService(lists));
    const streams = [];
    for (const token of [TOKENS[0], TOKENS[0], TOKENS[1]]) {
      const stream = await openStream(gateway, query, by(token, { headers }));
      await stream.next();
      streams.push(stream);
    }
    const [first, second, other] = streams;
    gateway.reload(without);
    expect([await first?.rest(), await second?.rest()]).toEqual([[], []]);
    const next = other?.next();
    lists['bob-key'][0] = aJob('a:1', { name: 'bob', queuePosition: 9 });
    await passTime(gateway, 2000);
    expect(JSON.stringify(await next)).toContain('"queuePosition":9');
    other?.cut();
    await setImmediate();
    expect(gateway.report().open.streams).toBe(0);
    expect(gateway.report().pollers).toBe(0);
  });

  test.each([{}, { 'x-operation-cost': '1' }])('ends its streams of counts at once: %j', async (headers) => {
    const gateway = await open(RINGS, () => ({ body: { success: true, data: { RUNNING: 1 } } }));
    const stream = await openStream(gateway, WATCHED_COUNTS, by(TOKENS[0], { headers }));
    expect((await stream.next())?.data).toEqual({ jobCountsChanged: { total: 1 } });
    gateway.reload(without);
    expect(await stream.rest()).toEqual([]);
  });

  test('lets no stream join those that have not ended yet', async () => {
    const gateway = await open();
    const open1 = await openStream(gateway, WATCHED_LIST, by(TOKENS[0]));
    await open1.next();
    gateway.reload({ [TOKENS[0]]: { alice: 'bob-key' } });
    // The first stream is not read, so it is not over.
    const open2 = await openStream(gateway, WATCHED_LIST, by(TOKENS[0]));
    expect((await open2.next())?.data.jobsChanged.nodes[0].name).toBe('bob');
    gateway.reload(without);
    const open3 = await openStream(gateway, WATCHED_LIST, by(TOKENS[0]));
    const [refused] = await open3.rest();
    expect(refused?.errors?.[0]?.extensions.code).toBe('UNAUTHENTICATED');
    expect([await open1.rest(), await open2.rest()]).toEqual([[], []]);
  });
});

describe('a file that is read again', () => {
  test('keeps the streams of the rings that stay as they are', async () => {
    const gateway = await open();
    const stream = await openStream(gateway, WATCHED_JOB, by(TOKENS[0]));
    await stream.next();
    gateway.reload({ 'token-of-team-3': { carol: 'carol-key' }, ...RINGS });
    await settled(gateway);
    expect(gateway.report().open.streams).toBe(1);
    expect(gateway.logs.at(-1)).toMatchObject({
      level: 30,
      keyRings: 3,
      withdrawn: [],
      msg: 'key rings read again',
    });
    stream.cut();
  });

  test('names the rings that were withdrawn', async () => {
    const { reload, logs } = await open();
    reload({ [TOKENS[0]]: { alice: 'alice-key' } });
    expect(logs.at(-1)).toMatchObject({ keyRings: 1, withdrawn: ['team-2'] });
  });

  test.each([
    ['no JSON', '[{"tokenSha256": "secret'],
    ['a fault', '[{"tokenSha256": "secret", "keys": {"a": "secret"}}]'],
  ])('with %s changes nothing, and is one error in the log', async (_, text) => {
    const { file, reloadKeyRings, logs, read } = await open();
    file.writeText(text);
    const before = logs.length;
    reloadKeyRings();
    expect(logs.slice(before)).toEqual([
      expect.objectContaining({
        level: 50,
        fault: expect.stringContaining('KEYRINGS_FILE has 1 fault(s)'),
        msg: 'key rings not read again: those until now stay',
      }),
    ]);
    expect(JSON.stringify(logs)).not.toContain('secret');
    expect(await read(JOB, by(TOKENS[0]))).toEqual({ job: { name: 'alice', keys: ['alice'] } });
  });
});

test.each(['/no/such/file.json', '/'])('a file that cannot be read ends the start: %s', async (path) => {
  await expect(createTestGateway(() => refusal(401, ''), { KEYRINGS_FILE: path })).rejects.toThrow(
    `KEYRINGS_FILE must be a file that can be read, got "${path}": E`,
  );
});

test('the keys that somebody puts in place of the path are not printed', async () => {
  const text = JSON.stringify(RINGS);
  await expect(createTestGateway(() => refusal(401, ''), { KEYRINGS_FILE: text })).rejects.toThrow(
    /^KEYRINGS_FILE must be a file that can be read, got no path: E\w+\.$/,
  );
});

test('the fast lane and Yoga answer the same to a token, over the wire', async () => {
  const { path } = writeKeyRings(RINGS);
  const lanes = await openLanes(jobService(createLists()), {
    KEYRINGS_FILE: path,
    CORS_ORIGINS: 'https://a.example',
  });
  onTestFinished(() => lanes.close());
  const headersOf: readonly (readonly string[])[] = [
    [`Authorization: Bearer ${TOKENS[0]}`],
    [`Authorization: Bearer ${TOKENS[1]}`],
    ['Authorization: Bearer nobody'],
    ['Authorization: Basic YTpi', 'X-API-KEY: bob-key'],
    [`Authorization: Bearer ${TOKENS[0]}`, `Authorization: Bearer ${TOKENS[1]}`],
    [`Authorization: Bearer ${TOKENS[0]}`, 'X-API-KEY: bob-key', 'Origin: https://a.example'],
  ];
  for (const headers of headersOf) {
    const request = aRequest({ key: null, headers, body: toUtf8(JSON.stringify({ query: JOB })) });
    for (let times = 0; times < 3; times += 1) {
      const { yoga, uncached, cached } = await lanes.send([request]);
      expect([uncached.answers, cached.answers]).toEqual([yoga.answers, yoga.answers]);
    }
  }
});

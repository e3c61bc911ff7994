import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { toGlobalId } from '../../src/graphql/global-id.ts';
import { createTestGateway, type QueryOptions } from '../support/create-test-gateway.ts';
import { holdAnswers } from '../support/held-answers.ts';
import { aJob, type RawJob, someJobs } from '../support/job-builder.ts';
import { type JobLists, jobService, overriding, refusal } from '../support/job-service.ts';
import type { UpstreamBehaviour, UpstreamRequest } from '../support/scripted-upstream.ts';

const readJob = '{ job(qrn: "a:1") { name } }';
const readList = '{ jobs(first: 10) { nodes { name } } }';
const [alice, bob] = [{ key: 'alice-key' }, { key: 'bob-key' }];

/** A job with this QRN as somebody sees it: it carries their name. */
const seenBy = (name: string, qrn = 'a:1', fields = {}) => aJob(qrn, { name, ...fields });

async function openGateway(
  lists: JobLists,
  answer: (request: UpstreamRequest) => UpstreamBehaviour | undefined = () => undefined,
) {
  const gateway = await createTestGateway(overriding(jobService(lists), answer));
  /** The data of an answer, or the code of its error. */
  const read = async (document: string, options: QueryOptions) => {
    const { data, errors } = await gateway.query(document, options);
    return errors === undefined ? data : errors[0]?.extensions.code;
  };
  const askedBy = (asker: { key: string }) =>
    gateway.upstream.requests.filter(({ key }) => key === asker.key).map(({ path }) => path);
  return { ...gateway, read, askedBy };
}

describe('of two keys that ask for the same job, each gets its own answer', () => {
  test.each([
    [
      'one after the other',
      async (ask: (key: string) => Promise<unknown>) => [await ask('alice-key'), await ask('bob-key')],
    ],
    ['at once', (ask: (key: string) => Promise<unknown>) => Promise.all([ask('alice-key'), ask('bob-key')])],
  ])('%s', async (_, askBoth) => {
    const { read, upstream } = await openGateway({
      'alice-key': [seenBy('alice')],
      'bob-key': [seenBy('bob')],
    });
    for (const document of [readJob, readJob]) {
      expect(await askBoth((key) => read(document, { key }))).toEqual([
        { job: { name: 'alice' } },
        { job: { name: 'bob' } },
      ]);
    }
    expect(upstream.requests).toHaveLength(2);
  });

  test('while both answers are under way', async () => {
    const held = holdAnswers(jobService({ 'alice-key': [seenBy('alice')], 'bob-key': [seenBy('bob')] }));
    const { query, upstream } = await createTestGateway(held.script);
    const answers: Promise<unknown>[] = [];
    for (const asker of [alice, bob, alice, bob]) answers.push(query(readJob, asker));
    await upstream.received(2);
    held.release();
    expect(await Promise.all(answers)).toMatchObject([
      { data: { job: { name: 'alice' } } },
      { data: { job: { name: 'bob' } } },
      { data: { job: { name: 'alice' } } },
      { data: { job: { name: 'bob' } } },
    ]);
  });

  test('when one may see it and the other may not', async () => {
    const { read } = await openGateway({ 'alice-key': [seenBy('alice')], 'bob-key': [] });
    for (let time = 0; time < 2; time += 1) {
      expect(await read(readJob, bob)).toBe('FORBIDDEN');
      expect(await read(readJob, alice)).toEqual({ job: { name: 'alice' } });
    }
  });

  test('by its global id', async () => {
    const { read } = await openGateway({ 'alice-key': [seenBy('alice')], 'bob-key': [seenBy('bob')] });
    const document = `{ node(id: "${toGlobalId('a:1')}") { ... on Job { name } } }`;
    await read(document, alice);
    expect(await read(document, bob)).toEqual({ node: { name: 'bob' } });
  });
});

describe('what one key read from lists', () => {
  test('feeds no job of another key', async () => {
    const { read, askedBy } = await openGateway({ 'alice-key': [seenBy('alice')], 'bob-key': [] });
    await read(readList, alice);
    expect([await read(readJob, bob), askedBy(bob)]).toEqual(['FORBIDDEN', ['/jobs/a:1']]);
  });

  test('serves no list or count of another key', async () => {
    const { read } = await openGateway({ 'alice-key': [seenBy('alice')], 'bob-key': [] });
    await read('{ jobs(first: 100) { nodes { name } } }', alice);
    expect(await read(readList, bob)).toEqual({ jobs: { nodes: [] } });
    expect(await read('{ jobs { totalCount } }', bob)).toEqual({ jobs: { totalCount: 0 } });
  });

  test('serves no narrower page of another key while it is under way', async () => {
    const held = holdAnswers(jobService({ 'alice-key': [seenBy('alice')], 'bob-key': [] }));
    const { query, upstream } = await createTestGateway(held.script);
    const wide = query('{ jobs(first: 100) { nodes { name } } }', alice);
    await upstream.received(1);
    const narrow = query(readList, bob);
    await upstream.received(2);
    held.release();
    expect(await Promise.all([wide, narrow])).toEqual([
      { data: { jobs: { nodes: [{ name: 'alice' }] } } },
      { data: { jobs: { nodes: [] } } },
    ]);
  });

  test('tells nothing of where the jobs of another key stand', async () => {
    const jobs = someJobs(500);
    const { query, read, askedBy, clock } = await openGateway({ 'alice-key': jobs, 'bob-key': jobs });
    const { data } = await query('{ jobs(last: 5) { nodes { id } } }', alice);
    const ids = JSON.stringify(data.jobs.nodes.map(({ id }: { id: string }) => id));
    clock.advance(3000);
    for (const asker of [alice, bob]) await read(`{ nodes(ids: ${ids}) { id } }`, asker);
    expect(askedBy(alice).at(-1)).toBe('/jobs?page=5&limit=100');
    expect(askedBy(bob)).toEqual([
      '/jobs?page=1&limit=100',
      ...jobs.slice(495).map(({ jobQrn }) => `/jobs/${jobQrn}`),
    ]);
  });

  test('tells nothing of which jobs of another key are under way, or are in no list', async () => {
    const jobs = someJobs(3, 'hidden');
    const gateway = await createTestGateway(jobService({ 'alice-key': jobs, 'bob-key': jobs }, () => false));
    const document = `{ ${jobs.map(({ jobQrn }, index) => `j${index}: job(qrn: "${jobQrn}") { name }`).join(' ')} }`;
    const listsFor = async (options: QueryOptions) => {
      const before = gateway.upstream.requests.length;
      await gateway.query(document, options);
      gateway.clock.advance(3000);
      return gateway.upstream.requests
        .slice(before)
        .flatMap(({ path }) => (path.includes('?') ? [path] : []));
    };
    const [first, second] = ['/jobs?page=1&limit=100', '/jobs?statusGroup=pending&page=1&limit=100'];
    expect([
      await listsFor(alice),
      await listsFor(alice),
      await listsFor(alice),
      await listsFor(bob),
    ]).toEqual([[first], [second], [], [first]]);
  });
});

describe('where nothing may be asked with a key', () => {
  const tooManyOfBob = ({ key }: UpstreamRequest) =>
    key === 'bob-key' ? refusal(429, 'Too many requests', { 'retry-after': '60' }) : undefined;

  test.each([readJob, readList])('nothing of another is shown instead: %s', async (document) => {
    const { read } = await openGateway(
      { 'alice-key': [seenBy('alice')], 'bob-key': [seenBy('bob')] },
      tooManyOfBob,
    );
    await read(document, alice);
    expect([await read(document, bob), await read(document, bob)]).toEqual(['RATE_LIMITED', 'RATE_LIMITED']);
  });

  test('others may ask', async () => {
    const { read, clock } = await openGateway({ 'alice-key': [seenBy('alice')] }, tooManyOfBob);
    await read(readJob, bob);
    clock.advance(3000);
    expect(await read(readJob, alice)).toEqual({ job: { name: 'alice' } });
  });
});

describe('a refusal', () => {
  test('of a job is no other key’s', async () => {
    const { read } = await openGateway({ 'alice-key': [seenBy('alice')], 'bob-key': [] });
    expect(await read(readJob, bob)).toBe('FORBIDDEN');
    expect(await read(readJob, alice)).toEqual({ job: { name: 'alice' } });
  });

  test('of a key takes nothing from another', async () => {
    const { read, askedBy } = await openGateway({ 'alice-key': [seenBy('alice')] });
    await read(readJob, alice);
    expect(await read(readJob, bob)).toBe('UNAUTHENTICATED');
    expect([await read(readJob, alice), askedBy(alice).length]).toEqual([{ job: { name: 'alice' } }, 1]);
  });
});

describe('of several keys in one request', () => {
  const team = { keys: 'bob=bob-key, alice=alice-key' };

  test('the one that saw the job last is asked first, and named', async () => {
    const { read, askedBy, clock } = await openGateway({ 'alice-key': [seenBy('alice')], 'bob-key': [] });
    await read(readJob, alice);
    clock.advance(3000);
    expect(await read('{ job(qrn: "a:1") { name keys } }', team)).toEqual({
      job: { name: 'alice', keys: ['alice'] },
    });
    expect(askedBy(bob)).toEqual([]);
  });

  test.each([
    ['alice', [bob, alice]],
    ['bob', [alice, bob]],
  ])('%s is the one, where both saw it and that one later', async (last, askers) => {
    const lists = { 'alice-key': [seenBy('alice')], 'bob-key': [seenBy('bob')] };
    const { read, upstream, clock } = await openGateway(lists);
    for (const asker of askers) await read(readJob, asker);
    clock.advance(3000);
    expect(await read(readJob, team)).toEqual({ job: { name: last } });
    expect(upstream.requests.map(({ key }) => key).slice(2)).toEqual([`${last}-key`]);
  });

  test('one that another request had does not count', async () => {
    const { read } = await openGateway({ 'alice-key': [seenBy('alice')], 'bob-key': [] });
    await read(readJob, alice);
    expect(await read(readJob, { keys: 'bob=bob-key, carol=carol-key' })).toBe('FORBIDDEN');
  });

  test('a list shows of each only its own', async () => {
    const { query } = await openGateway({
      'alice-key': [seenBy('alice', 'a:1')],
      'bob-key': [seenBy('bob', 'b:1')],
    });
    await query(readList, team);
    const { data } = await query('{ jobs(first: 10) { nodes { name } } }', bob);
    expect(data.jobs.nodes).toEqual([{ name: 'bob' }]);
  });
});

/** Something that a client does, or that happens to upstream. */
type Happening = {
  readonly kind: string;
  readonly key: 'alice-key' | 'bob-key';
  readonly qrns: readonly string[];
};

const happenings = fc.array(
  fc.record({
    kind: fc.constantFrom(
      'jobs',
      'jobs',
      'list',
      'urgent',
      'leave',
      'team',
      'refuse',
      'limit',
      'recover',
      'wait',
    ),
    key: fc.constantFrom('alice-key', 'bob-key'),
    qrns: fc.uniqueArray(fc.constantFrom('a:1', 'a:2', 'a:3', 'a:4', 'a:5'), { minLength: 1 }),
  }),
  { minLength: 15, maxLength: 30 },
);

test('whatever happens, no key is ever shown what another one read', async () => {
  await fc.assert(
    fc.asyncProperty(happenings, async (events) => {
      const answers: Record<string, UpstreamBehaviour | undefined> = {};
      const listOf = (name: string): RawJob[] =>
        ['a:1', 'a:2', 'a:3', 'a:4', 'a:5'].map((qrn) => seenBy(name, qrn));
      const lists = { 'alice-key': listOf('alice-key'), 'bob-key': listOf('bob-key') };
      const { query, clock } = await openGateway(lists, ({ key = '' }) => answers[key]);

      const happen: Record<string, (event: Happening) => unknown> = {
        jobs: ({ key, qrns }) => look(key, qrns),
        urgent: ({ key, qrns }) => look(key, qrns, { headers: { 'cache-control': 'no-cache' } }),
        leave: ({ key, qrns }) => look(key, qrns, { signal: AbortSignal.timeout(1) }),
        list: async ({ key }) =>
          check(key, await query('{ jobs(first: 4) { nodes { name keys } } }', { key })),
        team: async () =>
          checkTeam(
            await query('{ job(qrn: "a:1") { name keys } }', {
              keys: 'alice-key=alice-key, bob-key=bob-key',
            }),
          ),
        refuse: ({ key }) => Object.assign(answers, { [key]: refusal(401, 'no') }),
        limit: ({ key }) => Object.assign(answers, { [key]: refusal(429, 'no') }),
        recover: ({ key }) => Object.assign(answers, { [key]: undefined }),
        wait: ({ qrns }) => clock.advance(qrns.length * 2500),
      };

      async function look(key: string, qrns: readonly string[], options: QueryOptions = {}) {
        const document = `{ ${qrns.map((qrn, index) => `j${index}: job(qrn: "${qrn}") { name keys }`).join(' ')} }`;
        check(key, await query(document, { ...options, key }).catch(() => null));
      }

      await Promise.all(events.map((event) => happen[event.kind]?.(event)));
      for (const event of events) await happen[event.kind]?.(event);
    }),
    { numRuns: 12 },
  );

  function check(key: string, answer: unknown): void {
    const names = [...JSON.stringify(answer).matchAll(/"name":"([^"]*)"/g)].map(([, name]) => name);
    expect(names.filter((name) => name !== key)).toEqual([]);
  }

  function checkTeam({ data }: { data?: { job: { name: string; keys: string[] } | null } }): void {
    if (data?.job) expect(data.job.keys).toEqual([data.job.name]);
  }
});

test('no key stands in a log line, or in an answer', async () => {
  const answers: Record<string, UpstreamBehaviour> = {
    '/jobs/a:2': refusal(429, 'alice-key has had too many requests', { 'retry-after': '1' }),
    '/jobs/a:3': refusal(401, 'alice-key is not good'),
    '/jobs/a:4': { body: { success: true, data: seenBy('alice', 'a:4', { status: 'alice-key' }) } },
    '/jobs/a:5': { status: 500, body: 'alice-key' },
  };
  const { query, logs, clock } = await openGateway(
    { 'alice-key': [seenBy('alice')] },
    ({ path }) => answers[path],
  );
  const printed: string[] = [];
  for (const qrn of ['a:1', 'a:2', 'a:3', 'a:4', 'a:5', 'none:1']) {
    for (const options of [alice, { keys: 'a=alice-key, b=bob-key' }]) {
      printed.push(
        JSON.stringify(await query(`{ job(qrn: "${qrn}") { name status } jobs { totalCount } }`, options)),
      );
      clock.advance(11_000);
    }
  }
  printed.push(JSON.stringify(logs));
  expect(logs.length).toBeGreaterThan(10);
  expect(printed.filter((text) => /alice-key|bob-key/.test(text))).toEqual([]);
});

import { setImmediate } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { createTestGateway, type QueryOptions, type TestGateway } from '../support/create-test-gateway.ts';
import { holdAnswers } from '../support/held-answers.ts';
import { aJob, type RawJob } from '../support/job-builder.ts';
import { type JobLists, jobService, overriding, refusal } from '../support/job-service.ts';
import type { UpstreamBehaviour } from '../support/scripted-upstream.ts';

const readPage = `query ($filter: JobFilter, $first: Int, $after: String, $last: Int, $before: String) {
  jobs(filter: $filter, first: $first, after: $after, last: $last, before: $before) {
    edges { cursor node { qrn } }
    pageInfo { hasPreviousPage hasNextPage startCursor endCursor }
  }
}`;

const readJob = 'query ($qrn: String!) { job(qrn: $qrn) { qrn keys } }';

const team = { keys: 'alice=alice-key, bob=bob-key' };
const teamOfThree = { keys: 'alice=alice-key, bob=bob-key, carol=carol-key' };

const TIMEOUT_MS = 20_000;

/** Longer than any list is taken for fresh, and any refusal of a key is kept. */
const LATER_MS = 60_000;

/** A job that was created so many minutes ago, which is also its name. */
const jobOf = (minutes: number, prefix = 'a') =>
  aJob(`${prefix}:${minutes}`, {
    timeStamps: { createdAt: new Date(Date.UTC(2026, 0, 14) - minutes * 60_000).toISOString() },
  });

const jobsOf = (...minutes: number[]): RawJob[] => minutes.map((each) => jobOf(each));

/** Two lists that interleave, without a job in both. */
const twoLists = (): JobLists => ({ 'alice-key': jobsOf(1, 4, 5, 8), 'bob-key': jobsOf(2, 3, 6, 7) });

const openTeam = (lists: JobLists = twoLists()) => createTestGateway(jobService(lists));

/** A team whose keys may fail: what stands in `failures` under a key is what the upstream does with it. */
async function openFailingTeam(failures: Record<string, UpstreamBehaviour>, lists = twoLists()) {
  const script = overriding(jobService(lists), ({ key }) => failures[key ?? '']);
  return createTestGateway(script);
}

const minutesOf = ({ edges }: { edges: readonly { node: { qrn: string } }[] }) =>
  edges.map(({ node }) => Number(node.qrn.split(':')[1]));

/** One page of the team's jobs. */
async function read(gateway: TestGateway, variables: object = {}, options: QueryOptions = team) {
  const { data } = await gateway.query(readPage, { ...options, variables: { ...variables } });
  return data.jobs;
}

/** Which keys the upstream was asked with, in order, from the `from`th request on. */
const keysAsked = ({ upstream }: TestGateway, from = 0) =>
  upstream.requests.slice(from).map(({ key }) => key);

/** Waits until the gateway waits for nothing more than so many answers, asked for in as many requests. */
async function untilOnlyHanging(
  { clock, upstream }: TestGateway,
  asked: number,
  hanging: number,
): Promise<void> {
  await upstream.received(asked);
  while (clock.pendingFor(TIMEOUT_MS) > hanging) await setImmediate();
}

describe('the jobs of several keys', () => {
  test('are one list, the newest first', async () => {
    const gateway = await openTeam();
    const { edges, pageInfo } = await read(gateway);
    expect(minutesOf({ edges })).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(pageInfo).toMatchObject({ hasPreviousPage: false, hasNextPage: false });
  });

  test('keep the order of each key, whatever their times are', async () => {
    const gateway = await openTeam({ 'alice-key': jobsOf(5, 1, 9), 'bob-key': jobsOf(2, 6, 10) });
    const minutes = minutesOf(await read(gateway));
    expect(minutes.filter((each) => [5, 1, 9].includes(each))).toEqual([5, 1, 9]);
    expect(minutes.filter((each) => [2, 6, 10].includes(each))).toEqual([2, 6, 10]);
  });

  test.each([1, 2, 3, 7])('are seen once, in pages of %i, forward and backward alike', async (size) => {
    const gateway = await openTeam();
    const forward: number[] = [];
    for (let after: string | null = null, isOver = false; !isOver; ) {
      const page: Awaited<ReturnType<typeof read>> = await read(gateway, { first: size, after });
      forward.push(...minutesOf(page));
      [after, isOver] = [page.pageInfo.endCursor, !page.pageInfo.hasNextPage];
    }
    const backward: number[] = [];
    for (let before: string | null = null, isOver = false; !isOver; ) {
      const page: Awaited<ReturnType<typeof read>> = await read(gateway, { last: size, before });
      backward.unshift(...minutesOf(page));
      [before, isOver] = [page.pageInfo.startCursor, !page.pageInfo.hasPreviousPage];
    }
    expect([forward, backward]).toEqual([
      [1, 2, 3, 4, 5, 6, 7, 8],
      [1, 2, 3, 4, 5, 6, 7, 8],
    ]);
  });

  test('stay in place while each key changes in its own way', async () => {
    const lists = twoLists();
    const gateway = await openTeam(lists);
    const { pageInfo } = await read(gateway, { first: 4 });
    lists['alice-key'] = jobsOf(0, 1, 5, 8);
    lists['bob-key'] = jobsOf(6, 7);
    gateway.clock.advance(LATER_MS);
    expect(minutesOf(await read(gateway, { after: pageInfo.endCursor }))).toEqual([5, 6, 7, 8]);
  });

  test.each([
    ['alice=alice-key, bob=bob-key', ['alice', 'bob']],
    ['bob=bob-key, alice=alice-key', ['bob', 'alice']],
  ])('are shown once where two keys see them, with both labels in the order of %s', async (keys, both) => {
    const { query } = await openTeam({ 'alice-key': jobsOf(1, 2, 4), 'bob-key': jobsOf(2, 3, 4) });
    const { data } = await query('{ jobs { nodes { qrn keys } } }', { keys });
    expect(data.jobs.nodes).toEqual([
      { qrn: 'a:1', keys: ['alice'] },
      { qrn: 'a:2', keys: both },
      { qrn: 'a:3', keys: ['bob'] },
      { qrn: 'a:4', keys: both },
    ]);
  });

  test('that two keys see are shown once, on whichever page', async () => {
    const gateway = await openTeam({ 'alice-key': jobsOf(1, 2, 4), 'bob-key': jobsOf(2, 3, 4) });
    const first = await read(gateway, { first: 2 });
    const second = await read(gateway, { first: 2, after: first.pageInfo.endCursor });
    expect([first, second].map(minutesOf)).toEqual([
      [1, 2],
      [3, 4],
    ]);
    expect(second.pageInfo.hasNextPage).toBe(false);
  });

  test('are counted key by key, and summed up', async () => {
    const { query } = await openTeam({ 'alice-key': jobsOf(1, 2, 4), 'bob-key': jobsOf(2, 3) });
    expect(await query('{ jobs { totalCount sources { key totalCount error { code } } } }', team)).toEqual({
      data: {
        jobs: {
          totalCount: 5,
          sources: [
            { key: 'alice', totalCount: 3, error: null },
            { key: 'bob', totalCount: 2, error: null },
          ],
        },
      },
    });
  });

  test('that two keys list alike cost one request with each key, and none while they are fresh', async () => {
    const minutes = Array.from({ length: 300 }, (_, index) => index);
    const gateway = await openTeam({ 'alice-key': jobsOf(...minutes), 'bob-key': jobsOf(...minutes) });
    expect(minutesOf(await read(gateway, { first: 50 }))).toEqual(minutes.slice(0, 50));
    expect(keysAsked(gateway).toSorted()).toEqual(['alice-key', 'bob-key']);
    await read(gateway, { first: 50 });
    expect(gateway.upstream.requests).toHaveLength(2);
  });

  test('that must be read on for the sake of their order are not read again while they are fresh', async () => {
    // All of the same moment, and each list in an order of its own.
    const names = Array.from({ length: 60 }, (_, index) => String.fromCharCode(97 + (index % 26)) + index);
    const jobs = names.map((name) => jobOf(1, name));
    const gateway = await openTeam({ 'alice-key': jobs, 'bob-key': jobs.toReversed() });
    await read(gateway, { first: 10 });
    const before = gateway.upstream.requests.length;
    expect(before).toBeGreaterThan(2);
    await read(gateway, { first: 10 });
    expect(gateway.upstream.requests).toHaveLength(before);
  });

  test('are counted by one request for one job with each key', async () => {
    const gateway = await openTeam();
    await gateway.query('{ jobs { totalCount } }', team);
    expect(gateway.upstream.requests.toSorted((a, b) => ((a.key ?? '') < (b.key ?? '') ? -1 : 1))).toEqual([
      { path: '/jobs?page=1&limit=1', key: 'alice-key' },
      { path: '/jobs?page=1&limit=1', key: 'bob-key' },
    ]);
  });

  test('have cursors that do not mind the order and the labels of the keys', async () => {
    const gateway = await openTeam();
    const { pageInfo } = await read(gateway, { first: 3 });
    const turned = { keys: 'robert=bob-key, alice=alice-key' };
    const next = await read(gateway, { after: pageInfo.endCursor }, turned);
    expect(minutesOf(next)).toEqual([4, 5, 6, 7, 8]);
  });

  test('come in the same order, with the same cursors, in whatever order the keys come', async () => {
    // Of the same moments, so that nothing but the keys tells them apart.
    const lists = { 'alice-key': [jobOf(1, 'a'), jobOf(2, 'a')], 'bob-key': [jobOf(1, 'b'), jobOf(2, 'b')] };
    const gateway = await openTeam(lists);
    const turned = { keys: 'bob=bob-key, alice=alice-key' };
    expect(await read(gateway)).toEqual(await read(gateway, {}, turned));
  });
});

describe('filter.keys', () => {
  test.each<[labels: string[], minutes: number[], asked: string[]]>([
    [['alice'], [1, 4, 5, 8], ['alice-key']],
    [['bob'], [2, 3, 6, 7], ['bob-key']],
    [
      ['bob', 'alice', 'bob'],
      [1, 2, 3, 4, 5, 6, 7, 8],
      ['alice-key', 'bob-key'],
    ],
  ])('of %j narrows the list to these keys, and asks with no other', async (keys, minutes, asked) => {
    const gateway = await openTeam();
    expect(minutesOf(await read(gateway, { filter: { keys } }))).toEqual(minutes);
    expect([...new Set(keysAsked(gateway))].sort()).toEqual(asked);
  });

  test('narrows the sources, too', async () => {
    const { query } = await openTeam();
    expect(await query('{ jobs(filter: { keys: ["bob"] }) { totalCount sources { key } } }', team)).toEqual({
      data: { jobs: { totalCount: 4, sources: [{ key: 'bob' }] } },
    });
  });

  test.each<[labels: string[], got: string]>([
    [[], 'none'],
    [['carol'], 'another text as item 1'],
    [['alice', 'carol'], 'another text as item 2'],
    [['alice-key'], 'another text as item 1'],
  ])('of %j is refused by the labels that there are, without asking the upstream', async (keys, got) => {
    const { query, upstream } = await openTeam();

    const answer = await query(readPage, { ...team, variables: { filter: { keys } } });

    expect(answer).toMatchObject({
      data: { jobs: null },
      errors: [
        {
          message: `\`filter.keys\` must hold labels of the request's keys (alice, bob), got ${got}: leave it out for all keys.`,
          path: ['jobs'],
          extensions: { code: 'BAD_USER_INPUT' },
        },
      ],
    });
    expect(upstream.requests).toEqual([]);
  });

  test('of the only key is the list of one key', async () => {
    const gateway = await openTeam();
    const alone = { filter: { keys: ['default'] } };
    expect(minutesOf(await read(gateway, alone, {}))).toEqual([1, 4, 5, 8]);
  });
});

describe('a key that fails', () => {
  test.each<[status: number, code: string]>([
    [401, 'UNAUTHENTICATED'],
    [403, 'FORBIDDEN'],
    [429, 'RATE_LIMITED'],
    [500, 'UPSTREAM_UNAVAILABLE'],
  ])('with %i leaves the jobs of the others, and is told of in errors', async (status, code) => {
    const { query } = await openFailingTeam({ 'bob-key': refusal(status, 'No.') });

    const answer = await query('{ jobs { nodes { qrn } totalCount sources { key totalCount } } }', team);

    expect(answer).toMatchObject({
      data: {
        jobs: {
          nodes: [{ qrn: 'a:1' }, { qrn: 'a:4' }, { qrn: 'a:5' }, { qrn: 'a:8' }],
          totalCount: 4,
          sources: [
            { key: 'alice', totalCount: 4 },
            { key: 'bob', totalCount: null },
          ],
        },
      },
      errors: [{ path: ['jobs'], extensions: { code, key: 'bob', upstream: { status } } }],
    });
    expect(answer.errors).toHaveLength(1);
  });

  test.each<[status: number, code: string]>([
    [401, 'UNAUTHENTICATED'],
    [403, 'FORBIDDEN'],
    [429, 'RATE_LIMITED'],
    [500, 'UPSTREAM_UNAVAILABLE'],
  ])('with %i is data alone where the operation selects the errors of sources', async (status, code) => {
    const { query } = await openFailingTeam({ 'bob-key': refusal(status, 'No.') });
    const answer = await query('{ jobs { totalCount sources { key totalCount error { code } } } }', team);
    expect(answer).toEqual({
      data: {
        jobs: {
          totalCount: 4,
          sources: [
            { key: 'alice', totalCount: 4, error: null },
            { key: 'bob', totalCount: null, error: { code } },
          ],
        },
      },
    });
  });

  test.each<[selection: string, isData: boolean]>([
    ['sources { error { message } }', true],
    ['sources { error { retryAfterMs } }', true],
    ['sources { error { __typename } }', true],
    ['a: sources { key } b: sources { why: error { code } }', true],
    ['...S', true],
    ['... on JobConnection { sources { ...E } }', true],
    ['sources @include(if: $yes) { error @skip(if: $no) { code } }', true],
    ['sources { error { code @skip(if: $no) } }', true],
    ['sources { key totalCount }', false],
    ['sources @include(if: $no) { error { code } } totalCount', false],
    ['sources { key error @skip(if: $yes) { code } }', false],
    ['sources { key error { code @skip(if: $yes) } }', false],
    ['...S @include(if: $no) totalCount', false],
    ['error: totalCount sources { code: key }', false],
  ])('is data by `%s`: %s', async (selection, isData) => {
    const { query } = await openFailingTeam({ 'bob-key': refusal(403, 'No.') });
    const text = `query ($yes: Boolean = true, $no: Boolean = false) {
        jobs { ${selection} count: totalCount }
        unused: jobs @skip(if: true) { ...S totalCount @include(if: $yes) pageInfo @include(if: $no) { endCursor } }
      }
      fragment S on JobConnection { sources { ...E } }
      fragment E on JobSource { error { code } }`;
    const { data, errors } = await query(text, team);
    expect(data.jobs.count).toBe(4);
    expect(errors?.map(({ extensions }) => extensions.code)).toEqual(isData ? undefined : ['FORBIDDEN']);
  });

  test('is data of the field that selects it, and an error of the others', async () => {
    const { query } = await openFailingTeam({ 'bob-key': refusal(403, 'No.') });
    const { errors } = await query(
      '{ a: jobs { sources { error { code } } } b: jobs { sources { key } } }',
      team,
    );
    expect(errors?.map(({ path }) => path)).toEqual([['b']]);
  });

  test.each(['nodes { qrn }', 'totalCount', 'pageInfo { hasNextPage }', '__typename'])(
    'is told of in errors though only { %s } was asked for',
    async (fields) => {
      const { query } = await openFailingTeam({ 'bob-key': refusal(403, 'No.') });
      const { data, errors } = await query(`{ jobs { ${fields} } }`, team);
      expect(data.jobs).not.toBeNull();
      expect(errors).toMatchObject([{ path: ['jobs'], extensions: { code: 'FORBIDDEN', key: 'bob' } }]);
    },
  );

  test('says the same in sources as in errors', async () => {
    const { query } = await openFailingTeam({ 'bob-key': refusal(429, 'No.', { 'retry-after': '9' }) });
    const { data, errors } = await query(
      '{ jobs { sources { key error { code message retryAfterMs } } } again: jobs { totalCount } }',
      team,
    );
    const [{ message, extensions } = { message: '', extensions: { code: '', retryAfterMs: 0 } }] =
      errors ?? [];
    expect(data.jobs.sources[1].error).toEqual({
      code: extensions.code,
      message,
      retryAfterMs: extensions['retryAfterMs'],
    });
    expect(extensions).toMatchObject({ code: 'RATE_LIMITED', retryAfterMs: 9000 });
  });

  test('by hanging leaves the jobs of the others, after the upstream timeout', async () => {
    const gateway = await openFailingTeam({ 'bob-key': 'hang' });

    const answer = gateway.query('{ jobs { nodes { qrn } } }', team);
    await untilOnlyHanging(gateway, 2, 1);
    gateway.clock.advance(TIMEOUT_MS);

    expect(await answer).toMatchObject({
      data: { jobs: { nodes: [{ qrn: 'a:1' }, { qrn: 'a:4' }, { qrn: 'a:5' }, { qrn: 'a:8' }] } },
      errors: [{ path: ['jobs'], extensions: { code: 'GATEWAY_TIMEOUT', key: 'bob' } }],
    });
  });

  test('by hanging is not waited for longer by a page that needs more than one request with the others', async () => {
    const many = Array.from({ length: 450 }, (_, index) => jobOf(index, 'm'));
    const gateway = await openFailingTeam({ 'bob-key': 'hang' }, { 'alice-key': many, 'bob-key': [] });

    const answer = gateway.query('{ jobs(first: 400) { nodes { qrn } } }', team);
    await untilOnlyHanging(gateway, 5, 1);
    gateway.clock.advance(TIMEOUT_MS);

    const { data, errors } = await answer;
    expect(data.jobs.nodes).toHaveLength(400);
    expect(errors).toMatchObject([{ extensions: { code: 'GATEWAY_TIMEOUT', key: 'bob' } }]);
    expect(keysAsked(gateway).filter((key) => key === 'bob-key')).toHaveLength(1);
  });

  test('leaves hasNextPage and hasPreviousPage to the keys that answered', async () => {
    const gateway = await openFailingTeam({ 'bob-key': refusal(500, 'No.') });
    const { pageInfo } = await read(gateway, { first: 4 });
    expect(pageInfo).toMatchObject({ hasPreviousPage: false, hasNextPage: false });
  });

  test('is an error of each alias of the field that it is part of, and of no other', async () => {
    const { query } = await openFailingTeam({ 'bob-key': refusal(403, 'No.') });
    const { errors } = await query(
      `{ all: jobs { totalCount } mine: jobs(filter: { keys: ["alice"] }) { totalCount }
         running: jobs(filter: { status: RUNNING }) { totalCount } }`,
      team,
    );
    expect(errors?.map(({ path, extensions }) => [path, extensions['key']])).toEqual([
      [['all'], 'bob'],
      [['running'], 'bob'],
    ]);
  });

  test('together with all others is the error of the field', async () => {
    const { query } = await openFailingTeam({
      'alice-key': refusal(401, 'No.'),
      'bob-key': refusal(500, 'No.'),
    });
    const { data, errors } = await query('{ jobs { totalCount sources { error { code } } } }', team);
    expect(data).toEqual({ jobs: null });
    expect(errors?.map(({ path, extensions: { code, key } }) => `${path} ${key} ${code}`).sort()).toEqual([
      'jobs alice UNAUTHENTICATED',
      'jobs bob UPSTREAM_UNAVAILABLE',
    ]);
  });

  test('and is the only one of the request is not named', async () => {
    const { query } = await openFailingTeam({ 'alice-key': refusal(403, 'No.') });
    const { data, errors } = await query('{ jobs { totalCount } }');
    expect(data).toEqual({ jobs: null });
    expect(errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }]);
    expect(errors?.[0]?.extensions).not.toHaveProperty('key');
  });
});

describe('a key that recovers', () => {
  test.each<[what: string, failure: UpstreamBehaviour]>([
    ['from a revocation', refusal(401, 'No.')],
    ['from its rate limit', refusal(429, 'No.', { 'retry-after': '5' })],
    ['from an outage', refusal(503, 'No.')],
  ])(
    '%s gives its jobs on a later page from the start, where it failed from the start',
    async (_, failure) => {
      const failures: Record<string, UpstreamBehaviour> = { 'bob-key': failure };
      const gateway = await openFailingTeam(failures);
      const { edges, pageInfo } = await read(gateway, { first: 2 });
      delete failures['bob-key'];
      gateway.clock.advance(LATER_MS);

      const next = await read(gateway, { after: pageInfo.endCursor });

      expect([minutesOf({ edges }), minutesOf(next)]).toEqual([
        [1, 4],
        [2, 3, 5, 6, 7, 8],
      ]);
    },
  );

  test('gives its jobs from where it stood', async () => {
    const failures: Record<string, UpstreamBehaviour> = {};
    const gateway = await openFailingTeam(failures);
    const pages = [await read(gateway, { first: 3 })];
    for (const failure of [refusal(503, 'No.'), undefined]) {
      if (failure === undefined) delete failures['bob-key'];
      else failures['bob-key'] = failure;
      gateway.clock.advance(LATER_MS);
      pages.push(await read(gateway, { first: 2, after: pages.at(-1)?.pageInfo.endCursor }));
    }
    gateway.clock.advance(LATER_MS);
    pages.push(await read(gateway, { after: pages.at(-1)?.pageInfo.endCursor }));
    // Without bob in between, alice goes on alone.
    expect(pages.map(minutesOf)).toEqual([[1, 2, 3], [4, 5], [6, 7], [8]]);
  });

  test('gives its jobs from where it stood backward, too', async () => {
    const failures: Record<string, UpstreamBehaviour> = { 'bob-key': refusal(503, 'No.') };
    const gateway = await openFailingTeam(failures);
    const { edges, pageInfo } = await read(gateway, { last: 2 });
    delete failures['bob-key'];
    gateway.clock.advance(LATER_MS);

    const previous = await read(gateway, { last: 10, before: pageInfo.startCursor });

    expect(minutesOf({ edges })).toEqual([5, 8]);
    expect(minutesOf(previous)).toEqual([1, 2, 3, 4, 6, 7]);
  });
});

describe('one job, through several keys', () => {
  const variables = { qrn: 'a:6' };

  test('is found by the key that may see it', async () => {
    const gateway = await openTeam();
    expect(await gateway.query(readJob, { ...team, variables })).toEqual({
      data: { job: { qrn: 'a:6', keys: ['bob'] } },
    });
    expect(keysAsked(gateway).sort()).toEqual(['alice-key', 'bob-key']);
  });

  test('is given as soon as one key gave it, while another hangs', async () => {
    const gateway = await openFailingTeam({ 'alice-key': 'hang' });
    expect(await gateway.query(readJob, { ...team, variables })).toEqual({
      data: { job: { qrn: 'a:6', keys: ['bob'] } },
    });
    expect(gateway.clock.now()).toBe(Date.UTC(2026, 0, 15));
  });

  test('is asked for with all keys at once where nothing is known of it', async () => {
    const { script, release } = holdAnswers(jobService(twoLists()));
    const gateway = await createTestGateway(script);
    const answer = gateway.query(readJob, { ...team, variables });
    await gateway.upstream.received(2);
    release();
    expect((await answer).data).toEqual({ job: { qrn: 'a:6', keys: ['bob'] } });
  });

  test('is asked for only with the key that saw it last', async () => {
    const gateway = await openTeam();
    await gateway.query(readJob, { ...team, variables });
    gateway.clock.advance(LATER_MS);

    const answer = await gateway.query(readJob, { ...team, variables });

    expect(answer).toEqual({ data: { job: { qrn: 'a:6', keys: ['bob'] } } });
    expect(keysAsked(gateway, 2)).toEqual(['bob-key']);
  });

  test('is asked for only with the key that saw it in a list', async () => {
    const gateway = await openTeam();
    await read(gateway, { first: 8 });
    const asked = gateway.upstream.requests.length;
    gateway.clock.advance(LATER_MS);
    await gateway.query(readJob, { ...team, variables });
    expect(keysAsked(gateway, asked)).toEqual(['bob-key']);
  });

  test('costs nothing where the key that sees it has just seen it', async () => {
    const gateway = await openTeam();
    await read(gateway, { first: 8 });
    const asked = gateway.upstream.requests.length;
    await gateway.query(readJob, { ...team, variables });
    expect(keysAsked(gateway, asked)).toEqual([]);
  });

  test('is asked for with the others where the key that saw it last may not see it any more', async () => {
    const lists = twoLists();
    const gateway = await openTeam(lists);
    await gateway.query(readJob, { ...team, variables });
    Object.assign(lists, { 'alice-key': lists['bob-key'], 'bob-key': [] });
    gateway.clock.advance(LATER_MS);

    const answer = await gateway.query(readJob, { ...team, variables });

    expect(answer).toEqual({ data: { job: { qrn: 'a:6', keys: ['alice'] } } });
    expect(keysAsked(gateway, 2)).toEqual(['bob-key', 'alice-key']);
  });

  test.each<[statuses: Record<string, number>, code: string, key: string]>([
    [{ 'alice-key': 404, 'bob-key': 403, 'carol-key': 404 }, 'FORBIDDEN', 'bob'],
    [{ 'alice-key': 500, 'bob-key': 404, 'carol-key': 403 }, 'FORBIDDEN', 'carol'],
    [{ 'alice-key': 401, 'bob-key': 403, 'carol-key': 429 }, 'FORBIDDEN', 'bob'],
    [{ 'alice-key': 404, 'bob-key': 404, 'carol-key': 500 }, 'UPSTREAM_UNAVAILABLE', 'carol'],
    [{ 'alice-key': 404, 'bob-key': 401, 'carol-key': 404 }, 'UNAUTHENTICATED', 'bob'],
    [{ 'alice-key': 429, 'bob-key': 404, 'carol-key': 404 }, 'RATE_LIMITED', 'alice'],
  ])('that no key gives is told of by what matters most: %j', async (statuses, code, key) => {
    const failures = Object.entries(statuses).map(([name, status]) => [name, refusal(status, 'No.')]);
    const { query } = await openFailingTeam(Object.fromEntries(failures));

    const { data, errors } = await query(readJob, { ...teamOfThree, variables });

    expect(data).toEqual({ job: null });
    expect(errors).toMatchObject([{ path: ['job'], extensions: { code, key } }]);
  });

  test('that no key knows is not found', async () => {
    const { query } = await openTeam();
    const { data, errors } = await query(readJob, { ...team, variables: { qrn: 'a:99' } });
    expect(data).toEqual({ job: null });
    expect(errors).toMatchObject([{ path: ['job'], extensions: { code: 'NOT_FOUND' } }]);
  });

  test('that one key does not know while another hangs is told of as a timeout', async () => {
    const gateway = await openFailingTeam({ 'bob-key': 'hang' });

    const answer = gateway.query(readJob, { ...team, variables: { qrn: 'a:99' } });
    await untilOnlyHanging(gateway, 2, 1);
    gateway.clock.advance(TIMEOUT_MS);

    expect((await answer).errors).toMatchObject([{ extensions: { code: 'GATEWAY_TIMEOUT', key: 'bob' } }]);
  });
});

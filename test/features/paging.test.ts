import { describe, expect, test } from 'vitest';
import { digest } from '../../src/paging/list/entry.ts';
import { createTestGateway, type QueryOptions, type TestGateway } from '../support/create-test-gateway.ts';
import { aJob, type RawJob, someJobs } from '../support/job-builder.ts';
import { type JobLists, jobService, pageOf } from '../support/job-service.ts';

const readPage = `query ($filter: JobFilter, $first: Int, $after: String, $last: Int, $before: String) {
  jobs(filter: $filter, first: $first, after: $after, last: $last, before: $before) {
    edges { cursor node { qrn } }
    pageInfo { hasPreviousPage hasNextPage startCursor endCursor }
  }
}`;

const running = { filter: { status: 'RUNNING' } };

/** Longer than any list is taken for fresh. */
const LATER_MS = 10_000;

const openLists = (lists: JobLists) => createTestGateway(jobService(lists));

const openList = (jobs = someJobs(10)) => openLists({ 'alice-key': jobs });

const pathsOf = ({ upstream }: TestGateway) => upstream.requests.map(({ path }) => path);

/** The jobs of a page by the last part of their names. */
const namesOf = ({ edges }: { edges: readonly { node: { qrn: string } | null }[] }) =>
  edges.map(({ node }) => node?.qrn.split(':').at(-1) ?? null);

/** One page. */
async function read(gateway: TestGateway, variables: object = {}, options: QueryOptions = {}) {
  const { data } = await gateway.query(readPage, { ...options, variables: { ...variables } });
  return data.jobs;
}

/** The names on all pages from one end of the list to the other, as the pages came. */
async function walk(gateway: TestGateway, size: { first: number } | { last: number }, between = () => {}) {
  const pages: (string | null)[][] = [];
  for (let cursor = {}, isOver = false; !isOver; between()) {
    const page = await read(gateway, { ...running, ...size, ...cursor });
    const { hasNextPage, hasPreviousPage, startCursor, endCursor } = page.pageInfo;
    pages.push(namesOf(page));
    const isForward = 'first' in size;
    isOver = isForward ? !hasNextPage : !hasPreviousPage;
    cursor = isForward ? { after: endCursor } : { before: startCursor };
  }
  return pages;
}

const noCursor = 'got no cursor of this gateway: send an `endCursor`, `startCursor` or `cursor` as it came.';

describe('a cursor that cannot be used', () => {
  test.each<[what: string, spoil: (cursor: string) => string, complaint: string]>([
    ['nothing', () => '', 'got empty: leave the argument out to begin at the end of the list.'],
    ['garbage', () => 'garbage', noCursor],
    ['the offset of another service', () => 'YXJyYXljb25uZWN0aW9uOjEw', noCursor],
    ['an altered one', (cursor) => cursor.replace(/.$/, (end) => (end === 'A' ? 'Q' : 'A')), noCursor],
    ['one that was cut off', (cursor) => cursor.slice(0, -4), noCursor],
    ['one that something was added to', (cursor) => `${cursor}AAAA`, noCursor],
    ['100 kB', (cursor) => cursor.padEnd(100_000, 'A'), noCursor],
  ])('is refused, without asking the upstream, by what is wrong: %s', async (_, spoil, complaint) => {
    const gateway = await openList();
    const { pageInfo } = await read(gateway);
    const asked = gateway.upstream.requests.length;

    for (const argument of ['after', 'before']) {
      const answer = await gateway.query(readPage, { variables: { [argument]: spoil(pageInfo.endCursor) } });
      expect(answer).toEqual({
        data: { jobs: null },
        errors: [
          {
            message: `\`${argument}\` must be a cursor of this list, ${complaint}`,
            locations: [{ line: 2, column: 3 }],
            path: ['jobs'],
            extensions: { code: 'BAD_USER_INPUT' },
          },
        ],
      });
    }
    expect(gateway.upstream.requests).toHaveLength(asked);
  });

  test.each<[what: string, filter: object | null]>([
    ['no filter', null],
    ['another status', { status: 'QUEUED' }],
    ['one part more', { status: 'RUNNING', vendor: 'AWS' }],
    ['other tags', { status: 'RUNNING', tags: { a: 1 } }],
  ])('is refused, without asking the upstream, if it is of another filter: %s', async (_, filter) => {
    const gateway = await openList();
    const { pageInfo } = await read(gateway, running);

    const { errors } = await gateway.query(readPage, { variables: { filter, after: pageInfo.endCursor } });

    expect(errors).toMatchObject([
      {
        message:
          '`after` must be a cursor of this list, got the cursor of another filter: send the filter that the cursor came with.',
        extensions: { code: 'BAD_USER_INPUT' },
      },
    ]);
    expect(gateway.upstream.requests).toHaveLength(1);
  });

  test.each<[what: string, options: QueryOptions, filter: object | null]>([
    ['another one', { key: 'bob-key' }, null],
    ['one more', { keys: 'alice=alice-key, bob=bob-key' }, null],
    ['others', { keys: 'alice=alice-key, bob=bob-key' }, { keys: ['bob'] }],
  ])('is refused, without asking the upstream, if it is of other keys: %s', async (_, options, filter) => {
    const gateway = await openLists({ 'alice-key': someJobs(2), 'bob-key': someJobs(2, 'b') });
    const { pageInfo } = await read(gateway);

    const { errors } = await gateway.query(readPage, {
      ...options,
      variables: { filter, before: pageInfo.endCursor },
    });

    expect(errors).toMatchObject([
      {
        message:
          '`before` must be a cursor of this list, got the cursor of other keys: send the keys that the cursor came with.',
        extensions: { code: 'BAD_USER_INPUT' },
      },
    ]);
    expect(gateway.upstream.requests).toHaveLength(1);
  });
});

/** A cursor with another text inside, and a checksum that fits it. */
function forge(cursor: string, change: (body: string) => string): string {
  const body = change(Buffer.from(cursor, 'base64url').toString().slice(8));
  return Buffer.from(digest(body) + body).toString('base64url');
}

describe('a forged cursor', () => {
  test('costs nothing upstream, however often an operation sends it', async () => {
    const gateway = await openList(someJobs(300));
    const { pageInfo } = await read(gateway);
    const forged = Array.from({ length: 80 }, (_, index) =>
      forge(pageInfo.endCursor, (body) => body.replace(/true,\d+,\d+,/, `true,${index},9000,`)),
    );
    const fields = forged.map(
      (cursor, index) => `page${index}: jobs(first: 1, after: "${cursor}") { nodes { qrn } }`,
    );
    const asked = gateway.upstream.requests.length;

    const { errors } = await gateway.query(`{ ${fields.join(' ')} }`);

    expect(errors?.map(({ extensions, message }) => ({ ...extensions, message }))).toEqual(
      forged.map(() => ({
        code: 'BAD_USER_INPUT',
        message: `\`after\` must be a cursor of this list, ${noCursor}`,
      })),
    );
    expect(gateway.upstream.requests).toHaveLength(asked);
  });
});

describe('a cursor', () => {
  test('leads on in another gateway that has the same keys', async () => {
    const [one, other] = [await openList(), await openList()];
    const { pageInfo } = await read(one, { first: 8 });
    expect(namesOf(await read(other, { after: pageInfo.endCursor }))).toEqual(['8', '9']);
  });

  test('does not mind the order of the tags in its filter', async () => {
    const gateway = await createTestGateway(jobService({ 'alice-key': someJobs(3) }));
    const { pageInfo } = await read(gateway, { filter: { tags: { a: 1, b: true } }, first: 1 });
    const next = await read(gateway, { filter: { tags: { b: true, a: 1 } }, after: pageInfo.endCursor });
    expect(namesOf(next)).toEqual(['1', '2']);
  });

  test('does not mind how its filter is written', async () => {
    const gateway = await openList(someJobs(3));
    const { pageInfo } = await read(gateway, { filter: { status: 'RUNNING', statusGroup: 'ALL' }, first: 1 });
    const next = await read(gateway, {
      filter: { status: 'RUNNING', tags: {}, search: null },
      after: pageInfo.endCursor,
    });
    expect(namesOf(next)).toEqual(['1', '2']);
  });

  test('does not mind the label of its key', async () => {
    const gateway = await openList(someJobs(3));
    const { pageInfo } = await read(gateway, { first: 1 });
    const next = await read(gateway, { after: pageInfo.endCursor }, { keys: 'me=alice-key' });
    expect(namesOf(next)).toEqual(['1', '2']);
  });

  test('is nothing where it is null', async () => {
    const gateway = await openList(someJobs(3));
    expect(namesOf(await read(gateway, { after: null, before: null, last: null }))).toEqual(['0', '1', '2']);
  });

  test('of an unreadable job lets the walk go on, both ways', async () => {
    const items = [aJob('a:0'), { jobQrn: 'a:1', shots: 'many' }, null, aJob('a:3')];
    const gateway = await createTestGateway(({ path }) =>
      pageOf(items, new URL(path, 'http://upstream').searchParams),
    );
    expect(await walk(gateway, { first: 1 })).toEqual([['0'], [null], [null], ['3']]);
    expect(await walk(gateway, { last: 1 })).toEqual([['3'], [null], [null], ['0']]);
  });

  test.each([
    ['null', null],
    ['JSON that no job is', { shots: 'many' }],
    ['nested beyond reading', JSON.parse(`${'['.repeat(100)}${']'.repeat(100)}`)],
  ])('tells two rows without a name apart, though both are %s', async (_, row) => {
    const items = [aJob('a:0'), row, row, aJob('a:3')];
    const gateway = await createTestGateway(({ path }) =>
      pageOf(items, new URL(path, 'http://upstream').searchParams),
    );
    expect(await walk(gateway, { first: 4 })).toEqual([['0', null, null, '3']]);
    expect(await walk(gateway, { first: 1 })).toEqual([['0'], [null], [null], ['3']]);
  });
});

describe('the size of a page', () => {
  test.each<[variables: object, message: string]>([
    [{ first: 1, last: 1 }, '`first` and `last` exclude each other, got both: send one of them.'],
    [{ first: 0, last: 0 }, '`first` and `last` exclude each other, got both: send one of them.'],
    [{ first: -1 }, '`first` must be from 0 to 500, got -1: read longer lists page by page.'],
    [{ first: 501 }, '`first` must be from 0 to 500, got 501: read longer lists page by page.'],
    [{ last: -1 }, '`last` must be from 0 to 500, got -1: read longer lists page by page.'],
    [{ last: 501 }, '`last` must be from 0 to 500, got 501: read longer lists page by page.'],
    [
      { last: 2_147_483_647 },
      '`last` must be from 0 to 500, got 2147483647: read longer lists page by page.',
    ],
  ])('may not be %j', async (variables, message) => {
    const { query, upstream } = await openList();
    const answer = await query(readPage, { variables: { ...variables } });
    expect(answer).toMatchObject({
      data: { jobs: null },
      errors: [{ message, extensions: { code: 'BAD_USER_INPUT' } }],
    });
    expect(upstream.requests).toEqual([]);
  });

  test.each([
    [{ first: null, last: 2 }, ['8', '9']],
    [{ first: 2, last: null }, ['0', '1']],
    [{ last: 500 }, ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9']],
    [{ last: 0 }, []],
  ])('may be %j', async (variables, names) => {
    expect(namesOf(await read(await openList(), variables))).toEqual(names);
  });
});

describe('a page between two cursors', () => {
  test.each<[size: object, names: string[], hasPreviousPage: boolean, hasNextPage: boolean]>([
    [{}, ['3', '4', '5', '6'], true, true],
    [{ first: 2 }, ['3', '4'], true, true],
    [{ last: 2 }, ['5', '6'], true, true],
    [{ first: 4 }, ['3', '4', '5', '6'], true, true],
    [{ last: 9 }, ['3', '4', '5', '6'], true, true],
    [{ first: 0 }, [], true, true],
  ])('of %j holds what stands between them', async (size, names, hasPreviousPage, hasNextPage) => {
    const gateway = await openList();
    const { edges } = await read(gateway);

    const page = await read(gateway, { ...size, after: edges[2].cursor, before: edges[7].cursor });

    expect(namesOf(page)).toEqual(names);
    expect(page.pageInfo).toMatchObject({ hasPreviousPage, hasNextPage });
  });

  test('that stand side by side, or the wrong way round, is empty', async () => {
    const gateway = await openList();
    const { edges } = await read(gateway);
    const pages = [
      await read(gateway, { after: edges[4].cursor, before: edges[5].cursor }),
      await read(gateway, { after: edges[4].cursor, before: edges[4].cursor }),
      await read(gateway, { after: edges[7].cursor, before: edges[2].cursor }),
    ];
    expect(pages.map(namesOf)).toEqual([[], [], []]);
  });
});

describe('a list read backward', () => {
  test('comes a page at a time from its end, each page newest first', async () => {
    const gateway = await openList(someJobs(7));
    expect(await walk(gateway, { last: 3 })).toEqual([['4', '5', '6'], ['1', '2', '3'], ['0']]);
  });

  test.each([1, 7, 50, 99, 100, 500])('in pages of %i is the same as forward', async (size) => {
    const gateway = await openList(someJobs(105));
    const forward = await walk(gateway, { first: size });
    const backward = await walk(gateway, { last: size });
    expect(backward.reverse().flat()).toEqual(forward.flat());
    expect(forward.flat()).toEqual(Array.from({ length: 105 }, (_, index) => String(index)));
  });

  test('turns around at any cursor', async () => {
    const gateway = await openList();
    const second = await read(gateway, {
      first: 3,
      after: (await read(gateway, { first: 3 })).pageInfo.endCursor,
    });
    const back = await read(gateway, { last: 3, before: second.pageInfo.startCursor });
    const forth = await read(gateway, { first: 3, after: back.pageInfo.endCursor });
    expect([second, back, forth].map(namesOf)).toEqual([
      ['3', '4', '5'],
      ['0', '1', '2'],
      ['3', '4', '5'],
    ]);
  });
});

describe('a question without jobs', () => {
  test.each([
    'totalCount',
    'pageInfo { hasNextPage hasPreviousPage }',
    'totalCount sources { totalCount } pageInfo { hasNextPage }',
  ])('for { %s } costs one upstream request for one job', async (fields) => {
    const gateway = await openList();
    await gateway.query(`{ jobs(first: 500) { ${fields} } }`);
    expect(pathsOf(gateway)).toEqual(['/jobs?page=1&limit=1']);
  });

  test.each([
    [{ first: 9 }, { hasPreviousPage: false, hasNextPage: true }],
    [{ first: 10 }, { hasPreviousPage: false, hasNextPage: false }],
    [{ last: 9 }, { hasPreviousPage: true, hasNextPage: false }],
    [{ last: 10 }, { hasPreviousPage: false, hasNextPage: false }],
  ])('for the neighbours of %j is answered exactly', async (variables, pageInfo) => {
    const { query } = await openList();
    const answer = await query(
      'query ($first: Int, $last: Int) { jobs(first: $first, last: $last) { pageInfo { hasPreviousPage hasNextPage } } }',
      { variables },
    );
    expect(answer).toEqual({ data: { jobs: { pageInfo } } });
  });

  test.each([
    ['after', 2, { first: 3 }, { hasPreviousPage: true, hasNextPage: true }],
    ['after', 6, { first: 3 }, { hasPreviousPage: true, hasNextPage: false }],
    ['before', 6, { last: 3 }, { hasPreviousPage: true, hasNextPage: true }],
    ['before', 3, { last: 3 }, { hasPreviousPage: false, hasNextPage: true }],
  ])('for the neighbours %s the job %i costs two at most', async (argument, index, size, pageInfo) => {
    const gateway = await openList();
    const { edges } = await read(gateway);
    gateway.clock.advance(LATER_MS);

    const { data } = await gateway.query(
      `query ($first: Int, $after: String, $last: Int, $before: String) {
        jobs(first: $first, after: $after, last: $last, before: $before) {
          pageInfo { hasPreviousPage hasNextPage }
        }
      }`,
      { variables: { ...size, [argument]: edges[index].cursor } },
    );

    expect(data.jobs.pageInfo).toEqual(pageInfo);
    expect(gateway.upstream.requests.length - 1).toBeLessThanOrEqual(2);
  });
});

describe('a list that changes between two pages', () => {
  const submit = (lists: JobLists, name: string) =>
    lists['alice-key']?.unshift(
      aJob(`qbraid:job:${name}`, { timeStamps: { createdAt: '2026-01-14T12:00:00Z' } }),
    );

  const finish = (lists: JobLists, index: number) => {
    const jobs: RawJob[] = lists['alice-key'] ?? [];
    jobs.splice(index, 1, { ...(jobs[index] ?? aJob('a:1')), status: 'COMPLETED' });
  };

  test.each([1, 3, 60])('repeats no job when %i are submitted', async (count) => {
    const lists = { 'alice-key': someJobs(10) };
    const gateway = await openLists(lists);
    const { pageInfo } = await read(gateway, { first: 4 });
    for (let index = 0; index < count; index += 1) submit(lists, `new${index}`);
    gateway.clock.advance(LATER_MS);

    const next = await read(gateway, { first: 4, after: pageInfo.endCursor });

    expect(namesOf(next)).toEqual(['4', '5', '6', '7']);
    expect(next.pageInfo).toMatchObject({ hasPreviousPage: true, hasNextPage: true });
  });

  test('shows what was submitted to who reads back to the start', async () => {
    const lists = { 'alice-key': someJobs(10) };
    const gateway = await openLists(lists);
    const { pageInfo } = await read(gateway, { first: 4 });
    submit(lists, 'new');
    gateway.clock.advance(LATER_MS);
    const front = await read(gateway, { last: 4, before: pageInfo.startCursor });
    expect(namesOf(front)).toEqual(['new']);
    expect(front.pageInfo).toMatchObject({ hasPreviousPage: false, hasNextPage: true });
  });

  test.each<[what: string, indexes: number[]]>([
    ['the first job', [0]],
    ['the job of the cursor', [3]],
    ['all that were seen', [0, 1, 2, 3]],
  ])('hides no job when %s leaves the status that is asked for', async (_, indexes) => {
    const lists = { 'alice-key': someJobs(10) };
    const gateway = await openLists(lists);
    const { pageInfo } = await read(gateway, { ...running, first: 4 });
    for (const index of indexes) finish(lists, index);
    gateway.clock.advance(LATER_MS);

    const next = await read(gateway, { ...running, first: 4, after: pageInfo.endCursor });

    expect(namesOf(next)).toEqual(['4', '5', '6', '7']);
  });

  test('goes on behind its cursor when the next job leaves', async () => {
    const lists = { 'alice-key': someJobs(10) };
    const gateway = await openLists(lists);
    const { pageInfo } = await read(gateway, { ...running, first: 4 });
    finish(lists, 4);
    gateway.clock.advance(LATER_MS);
    expect(namesOf(await read(gateway, { ...running, first: 4, after: pageInfo.endCursor }))).toEqual([
      '5',
      '6',
      '7',
      '8',
    ]);
  });

  test.each<[what: string, size: { first: number } | { last: number }]>([
    ['forward', { first: 2 }],
    ['backward', { last: 2 }],
  ])('is seen whole %s while jobs come and go', async (_, size) => {
    const lists = { 'alice-key': someJobs(12) };
    const gateway = await openLists(lists);
    let changes = 0;

    const pages = await walk(gateway, size, () => {
      if (changes < 3) {
        submit(lists, `new${changes}`);
        // Of the jobs that were there from the start, the uneven ones finish.
        finish(lists, changes + 1 + (2 * changes + 1));
      }
      changes += 1;
      gateway.clock.advance(LATER_MS);
    });

    const names = pages.flat();
    expect(names).toHaveLength(new Set(names).size);
    expect(names).toEqual(expect.arrayContaining(['0', '2', '4', '6', '7', '8', '9', '10', '11']));
  });

  test('is not read on as it was before the cursor was given', async () => {
    const jobs = someJobs(60);
    const lists = { 'alice-key': jobs.filter((_, index) => index !== 45) };
    const gateway = await openLists(lists);
    const first = await read(gateway, { ...running, first: 20 });
    const second = await read(gateway, { ...running, first: 20, after: first.pageInfo.endCursor });
    gateway.clock.advance(1900);
    await read(gateway, { ...running, first: 20, after: second.pageInfo.endCursor });
    gateway.clock.advance(200);
    // The end of the list is cached as it was 200 ms ago, its beginning no more.
    lists['alice-key'] = jobs;

    const pages = await walk(gateway, { first: 20 });

    expect(pages.flat()).toEqual(jobs.map(({ jobQrn }) => jobQrn.split(':').at(-1)));
  });

  test('is empty behind the last job, and goes on once there are more', async () => {
    const jobs = someJobs(5);
    const lists = { 'alice-key': jobs.slice(0, 3) };
    const gateway = await openLists(lists);
    const { pageInfo } = await read(gateway, { first: 3 });
    const behind = await read(gateway, { after: pageInfo.endCursor });
    lists['alice-key'] = jobs;
    gateway.clock.advance(LATER_MS);
    const later = await read(gateway, { after: pageInfo.endCursor });
    expect([behind, later].map(namesOf)).toEqual([[], ['3', '4']]);
  });
});

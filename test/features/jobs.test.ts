import { describe, expect, test } from 'vitest';
import { createTestGateway, type TestGateway } from '../support/create-test-gateway.ts';
import { aJob, someJobs } from '../support/job-builder.ts';
import { jobService, pageOf, refusal } from '../support/job-service.ts';

const countJobs = 'query ($filter: JobFilter) { jobs(filter: $filter) { totalCount } }';

/** The gateway over one list of jobs. */
const openList = (jobs = someJobs(3)) => createTestGateway(jobService({ 'alice-key': jobs }, () => true));

/** The gateway over a list that holds exactly this, jobs or not. */
const openRawList = (items: readonly unknown[]) =>
  createTestGateway(({ path }) => pageOf(items, new URL(path, 'http://upstream').searchParams));

const pathsOf = ({ upstream }: TestGateway) => upstream.requests.map(({ path }) => path);

const qrnsOf = (jobs: readonly { qrn: string }[]) => jobs.map(({ qrn }) => qrn);

/** Reads a list to its end, page by page. */
async function readAll({ query }: TestGateway, first: number) {
  const pages: { qrns: string[]; hasPreviousPage: boolean; hasNextPage: boolean }[] = [];
  for (let after: string | null = null, hasNextPage = true; hasNextPage; ) {
    const { data } = await query(
      `query ($first: Int, $after: String) {
        jobs(first: $first, after: $after) { nodes { qrn } pageInfo { hasPreviousPage hasNextPage endCursor } }
      }`,
      { variables: { first, after } },
    );
    const { endCursor, ...pageInfo } = data.jobs.pageInfo;
    pages.push({ qrns: qrnsOf(data.jobs.nodes), ...pageInfo });
    [after, hasNextPage] = [endCursor, pageInfo.hasNextPage];
  }
  return pages;
}

describe('a filter', () => {
  test.each<[filter: object, expected: string]>([
    [{ vendor: 'AWS' }, 'vendor=aws'],
    [{ vendor: 'AZURE' }, 'vendor=azure'],
    [{ vendor: 'IBM' }, 'vendor=ibm'],
    [{ vendor: 'IONQ' }, 'vendor=ionq'],
    [{ vendor: 'QBRAID' }, 'vendor=qbraid'],
    [{ vendorName: 'aws' }, 'vendor=aws'],
    [{ vendorName: 'A new one' }, 'vendor=A+new+one'],
    [{ vendorName: 'ibm', vendor: 'IBM' }, 'vendor=ibm'],
    [{ provider: 'ionq' }, 'provider=ionq'],
    [{ provider: 'A new one & more' }, 'provider=A+new+one+%26+more'],
    [{ statusGroup: 'PENDING' }, 'statusGroup=pending'],
    [{ statusGroup: 'RETURNED' }, 'statusGroup=returned'],
    [{ status: 'INITIALIZING' }, 'status=INITIALIZING'],
    [{ status: 'QUEUED' }, 'status=QUEUED'],
    [{ status: 'VALIDATING' }, 'status=VALIDATING'],
    [{ status: 'RUNNING' }, 'status=RUNNING'],
    [{ status: 'CANCELLING' }, 'status=CANCELLING'],
    [{ status: 'CANCELLED' }, 'status=CANCELLED'],
    [{ status: 'COMPLETED' }, 'status=COMPLETED'],
    [{ status: 'FAILED' }, 'status=FAILED'],
    [{ status: 'UNKNOWN' }, 'status=UNKNOWN'],
    [{ status: 'HOLD' }, 'status=HOLD'],
    [{ status: 'FAILED', statusGroup: 'PENDING' }, 'status=FAILED'],
    [{ search: ' ghz? 50% & ü ' }, 'search=+ghz%3F+50%25+%26+%C3%BC+'],
    [{ tags: { env: 'prod' } }, 'tags=%7B%22env%22%3A%22prod%22%7D'],
    [{ tags: { run: 7, final: true } }, 'tags=%7B%22final%22%3Atrue%2C%22run%22%3A7%7D'],
    [
      {
        tags: { a: '' },
        search: 'x',
        status: 'HOLD',
        statusGroup: 'ALL',
        provider: 'iqm',
        vendor: 'IBM',
      },
      'vendor=ibm&provider=iqm&status=HOLD&search=x&tags=%7B%22a%22%3A%22%22%7D',
    ],
  ])('of %j is forwarded as it is', async (filter, expected) => {
    const gateway = await openList();

    expect(await gateway.query(countJobs, { variables: { filter } })).toEqual({
      data: { jobs: { totalCount: 3 } },
    });
    expect(pathsOf(gateway)).toEqual([`/jobs?${expected}&page=1&limit=1`]);
  });

  test('that stands in the document is forwarded like one in the variables', async () => {
    const gateway = await openList();
    await gateway.query('{ jobs(filter: { tags: { run: 7, env: "a b", final: false } }) { totalCount } }');
    expect(pathsOf(gateway)).toEqual([
      '/jobs?tags=%7B%22env%22%3A%22a+b%22%2C%22final%22%3Afalse%2C%22run%22%3A7%7D&page=1&limit=1',
    ]);
  });

  test.each<[what: string, variables: object]>([
    ['left out', {}],
    ['null', { filter: null }],
    ['empty', { filter: {} }],
    [
      'null in every part',
      {
        filter: {
          vendor: null,
          vendorName: null,
          provider: null,
          statusGroup: null,
          status: null,
          search: null,
          tags: null,
          keys: null,
        },
      },
    ],
    ['of no tags', { filter: { tags: {} } }],
    ['of all vendors', { filter: { vendor: 'ALL' } }],
    ['of all vendors by name', { filter: { vendorName: 'all' } }],
    ['of all statuses', { filter: { statusGroup: 'ALL' } }],
  ])('that is %s does not narrow the list', async (_, variables) => {
    const gateway = await openList();
    await gateway.query(countJobs, { variables: { ...variables } });
    expect(pathsOf(gateway)).toEqual(['/jobs?page=1&limit=1']);
  });

  test.each([
    ['a', 1],
    ['é'.repeat(255), 255],
    ['😀'.repeat(255), 255],
  ])('may search for %s, of %i characters', async (search) => {
    const gateway = await openList();
    await gateway.query(countJobs, { variables: { filter: { search } } });
    expect(pathsOf(gateway)).toEqual([`/jobs?search=${encodeURIComponent(search)}&page=1&limit=1`]);
  });

  test.each([
    ['search', 0],
    ['search', 256],
    ['provider', 0],
    ['provider', 256],
  ])('may not have a %s of %i characters', async (part, length) => {
    const gateway = await openList();

    const answer = await gateway.query(countJobs, {
      variables: { filter: { [part]: 'x'.repeat(length) } },
    });

    expect(answer).toMatchObject({
      data: { jobs: null },
      errors: [
        {
          message: `\`filter.${part}\` must have 1 to 255 characters, got ${length}: leave it out to list all.`,
          extensions: { code: 'BAD_USER_INPUT' },
        },
      ],
    });
    expect(gateway.upstream.requests).toEqual([]);
  });

  test.each<[tags: unknown]>([
    [{ a: 1.5 }],
    [{ a: null }],
    [{ a: ['b'] }],
    [{ a: { b: 'c' } }],
    [{ a: 2 ** 53 }],
    ['{"a":"b"}'],
    [['a']],
    [7],
  ])('may not have tags of %j', async (tags) => {
    const gateway = await openList();

    const { errors } = await gateway.query(countJobs, { variables: { filter: { tags } } });

    expect(errors?.map(({ extensions }) => extensions.code)).toEqual(['BAD_USER_INPUT']);
    expect(gateway.upstream.requests).toEqual([]);
  });

  test.each<[filter: object]>([
    [{ vendor: 'aws' }],
    [{ vendorName: '' }],
    [{ vendorName: 'aws\u0000' }],
    [{ vendorName: 'aws', vendor: 'IBM' }],
    [{ vendorName: 'aws', vendor: 'ALL' }],
    [{ status: 'DONE' }],
    [{ statusGroup: 'returned' }],
    [{ device: 'a:b' }],
  ])('may not be %j', async (filter) => {
    const gateway = await openList();

    const { errors } = await gateway.query(countJobs, { variables: { filter } });

    expect(errors?.map(({ extensions }) => extensions.code)).toEqual(['BAD_USER_INPUT']);
    expect(gateway.upstream.requests).toEqual([]);
  });
});

describe('a vendor', () => {
  test('names the same list by its name and by its text, so that it is read once', async () => {
    const gateway = await openList();
    const { data } = await gateway.query(`{
      a: jobs(first: 2, filter: { vendor: AWS, provider: "ionq" }) { totalCount pageInfo { endCursor } }
      b: jobs(first: 2, filter: { provider: "ionq", vendorName: "aws" }) { pageInfo { endCursor } }
    }`);
    expect(data.b.pageInfo).toEqual(data.a.pageInfo);
    expect(pathsOf(gateway)).toEqual(['/jobs?vendor=aws&provider=ionq&page=1&limit=2']);
    const variables = { after: data.a.pageInfo.endCursor };
    const next = await gateway.query(
      'query ($after: String) { jobs(after: $after, filter: { vendorName: "aws", provider: "ionq" }) { totalCount } }',
      { variables },
    );
    expect(next).toEqual({ data: { jobs: { totalCount: 3 } } });
  });

  test('that the qBraid API does not know is bad input', async () => {
    const { query } = await createTestGateway(() => refusal(422, 'Unknown vendor.'));
    const { errors } = await query('{ jobs(filter: { vendorName: "nobody" }) { totalCount } }');
    expect(errors).toMatchObject([{ path: ['jobs'], extensions: { code: 'BAD_USER_INPUT' } }]);
  });
});

describe('a page', () => {
  test.each<[variables: object, limit: number]>([
    [{}, 50],
    [{ first: null }, 50],
    [{ first: 1 }, 1],
    [{ first: 7 }, 7],
    [{ first: 100 }, 100],
  ])('of %j is one upstream page of %i', async (variables, limit) => {
    const gateway = await openList();

    const { data } = await gateway.query('query ($first: Int) { jobs(first: $first) { nodes { qrn } } }', {
      variables: { ...variables },
    });

    expect(qrnsOf(data.jobs.nodes)).toEqual(['qbraid:job:0', 'qbraid:job:1', 'qbraid:job:2'].slice(0, limit));
    expect(pathsOf(gateway)).toEqual([`/jobs?page=1&limit=${limit}`]);
  });

  test('of no jobs still tells of the list', async () => {
    const { query } = await openList();

    const { data } = await query(
      '{ jobs(first: 0) { nodes { qrn } edges { cursor } totalCount pageInfo { hasNextPage hasPreviousPage endCursor } } }',
    );

    expect(data.jobs).toEqual({
      nodes: [],
      edges: [],
      totalCount: 3,
      pageInfo: { hasNextPage: true, hasPreviousPage: false, endCursor: null },
    });
  });

  test('of an empty list is empty', async () => {
    const { query } = await openList([]);

    const { data } = await query(
      '{ jobs { nodes { qrn } totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }',
    );

    expect(data.jobs).toEqual({
      nodes: [],
      totalCount: 0,
      pageInfo: { hasNextPage: false, hasPreviousPage: false, startCursor: null, endCursor: null },
    });
  });

  test.each([501, -1, 2_147_483_647])('of %i jobs is refused without asking the upstream', async (first) => {
    const { query, upstream } = await openList();

    const answer = await query('query ($first: Int) { jobs(first: $first) { nodes { qrn } } }', {
      variables: { first },
    });

    expect(answer).toMatchObject({
      data: { jobs: null },
      errors: [
        {
          message: `\`first\` must be from 0 to 500, got ${first}: read longer lists page by page.`,
          extensions: { code: 'BAD_USER_INPUT' },
        },
      ],
    });
    expect(upstream.requests).toEqual([]);
  });

  test('of 500 jobs is read in upstream pages side by side, once the first tells that there are so many', async () => {
    const script = jobService({ 'alice-key': someJobs(600) });
    const gateway: TestGateway = await createTestGateway(async (request) => {
      if (!request.path.includes('page=1&')) await gateway.upstream.received(5);
      return script(request);
    });

    const { data } = await gateway.query('{ jobs(first: 500) { nodes { qrn } totalCount } }');

    expect(data.jobs.totalCount).toBe(600);
    expect(qrnsOf(data.jobs.nodes)).toEqual(someJobs(500).map(({ jobQrn }) => jobQrn));
  });

  test('of 500 jobs costs one upstream request where the list is short', async () => {
    const gateway = await openList();
    const { data } = await gateway.query('{ jobs(first: 500) { nodes { qrn } } }');
    expect(data.jobs.nodes).toHaveLength(3);
    expect(pathsOf(gateway)).toEqual(['/jobs?page=1&limit=100']);
  });

  test('begins and ends with the cursors of its edges', async () => {
    const { query } = await openList();
    const { data } = await query('{ jobs { edges { cursor } pageInfo { startCursor endCursor } } }');
    const cursors = data.jobs.edges.map(({ cursor }: { cursor: string }) => cursor);
    expect(new Set(cursors).size).toBe(3);
    expect(data.jobs.pageInfo).toEqual({ startCursor: cursors[0], endCursor: cursors[2] });
  });

  test('behind any cursor begins with the next job', async () => {
    const { query } = await openList();
    const { data } = await query('{ jobs { edges { cursor } } }');
    const [, { cursor: after }] = data.jobs.edges;

    const next = await query('query ($after: String) { jobs(after: $after) { nodes { qrn } } }', {
      variables: { after },
    });

    expect(next).toEqual({ data: { jobs: { nodes: [{ qrn: 'qbraid:job:2' }] } } });
  });

  test.each(['', 'x', 'b2Zmc2V0OjEw', 'a'.repeat(10_000)])(
    'behind "%s", which is no cursor, is refused without asking the upstream',
    async (after) => {
      const { query, upstream } = await openList();

      const { errors } = await query('query ($after: String) { jobs(after: $after) { totalCount } }', {
        variables: { after },
      });

      expect(errors?.map(({ extensions }) => extensions.code)).toEqual(['BAD_USER_INPUT']);
      expect(upstream.requests).toEqual([]);
    },
  );

  test('behind the cursor of another filter is refused without asking the upstream', async () => {
    const { query, upstream } = await openList();
    const { data } = await query('{ jobs(filter: { status: RUNNING }) { pageInfo { endCursor } } }');

    const { errors } = await query('query ($after: String) { jobs(after: $after) { nodes { qrn } } }', {
      variables: { after: data.jobs.pageInfo.endCursor },
    });

    expect(errors?.map(({ extensions }) => extensions.code)).toEqual(['BAD_USER_INPUT']);
    expect(upstream.requests).toHaveLength(1);
  });
});

describe('page by page', () => {
  const jobs = someJobs(230);

  test.each([7, 33, 50, 99, 100, 101, 229, 230, 231, 500])(
    'every job of a list that does not change is seen once, in pages of %i',
    async (first) => {
      const pages = await readAll(await openList(jobs), first);
      expect(pages.flatMap(({ qrns }) => qrns)).toEqual(jobs.map(({ jobQrn }) => jobQrn));
      expect(pages).toHaveLength(Math.ceil(230 / first));
    },
  );

  test('the pages know whether others stand in front of them and behind them', async () => {
    const pages = await readAll(await openList(jobs), 100);
    expect(pages.map(({ qrns, ...pageInfo }) => ({ count: qrns.length, ...pageInfo }))).toEqual([
      { count: 100, hasPreviousPage: false, hasNextPage: true },
      { count: 100, hasPreviousPage: true, hasNextPage: true },
      { count: 30, hasPreviousPage: true, hasNextPage: false },
    ]);
  });
});

describe('the upstream is asked once', () => {
  test('for equal pages of one operation', async () => {
    const gateway = await openList();

    const { data } = await gateway.query(`{
      a: jobs(first: 2, filter: { tags: { x: 1, y: 2 } }) { nodes { qrn } }
      b: jobs(first: 2, filter: { tags: { y: 2, x: 1 } }) { edges { node { status } } totalCount }
    }`);

    expect(data).toEqual({
      a: { nodes: [{ qrn: 'qbraid:job:0' }, { qrn: 'qbraid:job:1' }] },
      b: { edges: [{ node: { status: 'RUNNING' } }, { node: { status: 'RUNNING' } }], totalCount: 3 },
    });
    expect(pathsOf(gateway)).toEqual(['/jobs?tags=%7B%22x%22%3A1%2C%22y%22%3A2%7D&page=1&limit=2']);
  });

  test.each([
    ['totalCount', 1],
    ['sources { key totalCount }', 1],
    ['pageInfo { hasNextPage hasPreviousPage }', 1],
    ['__typename', 1],
    ['... on JobConnection { total: totalCount } ... @skip(if: true) { nodes { qrn } }', 1],
    ['totalCount nodes { qrn }', 50],
    ['totalCount edges { cursor }', 50],
    ['totalCount pageInfo { endCursor }', 50],
    ['totalCount ... { items: nodes { qrn } }', 50],
  ])('for { %s }, and for no more than it needs', async (fields, limit) => {
    const gateway = await openList();
    const { errors } = await gateway.query(`{ jobs { ${fields} } }`);
    expect(errors).toBeUndefined();
    expect(pathsOf(gateway)).toEqual([`/jobs?page=1&limit=${limit}`]);
  });
});

describe('a job that cannot be read', () => {
  test.each<[selection: string, page: object, path: unknown[]]>([
    [
      'edges { node { qrn } }',
      { edges: [{ node: { qrn: 'a:0' } }, { node: null }, { node: { qrn: 'a:2' } }] },
      ['jobs', 'edges', 1, 'node'],
    ],
    ['nodes { qrn }', { nodes: [{ qrn: 'a:0' }, null, { qrn: 'a:2' }] }, ['jobs', 'nodes', 1]],
  ])('is null among { %s }, and leaves the others', async (selection, page, path) => {
    const { query } = await openRawList([aJob('a:0'), { jobQrn: 'a:1', shots: 'many' }, aJob('a:2')]);

    expect(await query(`{ jobs { totalCount ${selection} } }`)).toEqual({
      data: { jobs: { totalCount: 3, ...page } },
      errors: [
        {
          message: 'The qBraid API sent a job that cannot be read.',
          locations: expect.any(Array),
          path,
          extensions: {
            code: 'UPSTREAM_INVALID_RESPONSE',
            upstream: { status: 200, code: null, requestId: null },
          },
        },
      ],
    });
  });

  test.each<[item: unknown]>([
    [null],
    ['a:1'],
    [[]],
    [{}],
    [{ jobQrn: 'a:1' }],
    [{ status: 'RUNNING' }],
    [{ jobQrn: '', status: 'RUNNING' }],
    [{ jobQrn: 'a:1', status: null }],
    [{ jobQrn: 'a:1', status: 'RUNNING', timeStamps: 'now' }],
  ])('may be %j', async (item) => {
    const { query } = await openRawList([item, aJob('a:2')]);
    const { data, errors } = await query('{ jobs { totalCount nodes { qrn } } }');
    expect(data.jobs).toEqual({ totalCount: 2, nodes: [null, { qrn: 'a:2' }] });
    expect(errors?.map(({ extensions }) => extensions.code)).toEqual(['UPSTREAM_INVALID_RESPONSE']);
  });

  test('keeps its place, though another one is just like it', async () => {
    const { query } = await openRawList([null, aJob('a:1'), null, {}, {}]);
    const { data } = await query('{ jobs { nodes { qrn } } }');
    expect(data.jobs.nodes).toEqual([null, { qrn: 'a:1' }, null, null, null]);
  });

  test('has a cursor, behind which the list goes on', async () => {
    const { query } = await openRawList([aJob('a:0'), {}, aJob('a:2')]);
    const { data } = await query('{ jobs(first: 2) { pageInfo { endCursor } } }');

    const next = await query('query ($after: String) { jobs(after: $after) { nodes { qrn } } }', {
      variables: { after: data.jobs.pageInfo.endCursor },
    });

    expect(next).toEqual({ data: { jobs: { nodes: [{ qrn: 'a:2' }] } } });
  });
});

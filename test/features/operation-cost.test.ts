import fc from 'fast-check';
import { getIntrospectionQuery } from 'graphql';
import { describe, expect, test } from 'vitest';
import { createTestGateway, type QueryOptions } from '../support/create-test-gateway.ts';
import { openStream } from '../support/event-stream.ts';
import { someJobs } from '../support/job-builder.ts';
import { jobService } from '../support/job-service.ts';

const telling: QueryOptions = { headers: { 'x-operation-cost': '1' } };

/** A gateway whose two keys see 20 jobs each. Each job is its own batch. */
function openGateway(environment: Record<string, string> = {}) {
  const jobs = (prefix: string) => someJobs(20, prefix).map((job) => ({ ...job, batchJobQrn: job.jobQrn }));
  return createTestGateway(jobService({ 'alice-key': jobs('a'), 'bob-key': jobs('b') }), environment);
}

/** Counts the fields of an answer; a JSON scalar is one field, whatever it holds. */
function countFields(part: unknown): number {
  if (Array.isArray(part)) return part.reduce((sum: number, item) => sum + countFields(item), 0);
  if (typeof part !== 'object' || part === null) return 0;
  return Object.values(part).reduce((sum: number, field) => sum + 1 + countFields(field), 0);
}

describe('an operation costs', () => {
  test.each<[cost: number, query: string, variables?: Record<string, unknown>]>([
    [1, '{ __typename }'],
    [4, '{ a: __typename b: __typename ...F } fragment F on Query { c: __typename d: __typename }'],
    [3, '{ job(qrn: "a:1") { qrn tags } }'],
    [2, '{ jobs { totalCount } }'],
    [2 + 10, '{ jobs(first: 10) { nodes { qrn } } }'],
    [2 + 50, '{ jobs { nodes { qrn } } }'],
    [2 + 50, '{ jobs(first: null) { nodes { qrn } } }'],
    [2 + 500, '{ jobs(first: 2000000000) { nodes { qrn } } }'],
    [2, '{ jobs(first: -3) { nodes { qrn } } }'],
    [2 + 7, '{ jobs(last: 7) { nodes { qrn } } }'],
    [2 + 10 * 3 + 1 + 10 * 2, '{ jobs(first: 10) { edges { cursor node { qrn } } nodes { qrn name } } }'],
    [2 + 10 * 3, '{ jobs(first: 10) { ...P } } fragment P on JobConnection { nodes { qrn device { qrn } } }'],
    [
      2 * (2 + 4) + 1,
      '{ jobs(first: 4) { ...P } b: jobs(first: 5) { ...P } } fragment P on JobConnection { nodes { qrn } }',
    ],
    [2 + 8, 'query ($n: Int) { jobs(first: $n) { nodes { qrn } } }', { n: 8 }],
    [2 + 6, 'query ($n: Int = 6) { jobs(first: $n) { nodes { qrn } } }'],
    [2 + 50, 'query ($n: Int) { jobs(first: $n) { nodes { qrn } } }'],
    [1 + 3, 'query ($ids: [ID!]!) { nodes(ids: $ids) { id } }', { ids: ['a', 'b', 'c'] }],
    [1 + 2, 'query ($id: ID!) { nodes(ids: [$id, $id]) { id } }', { id: 'a' }],
    [1 + 1, '{ nodes(ids: "a") { ... on Job { qrn } } }'],
    [1 + 20 * 2, '{ rateLimit { key used } }'],
    [2 + 20 * 2, '{ jobs { sources { key totalCount } } }'],
    [2 + 20 * 2, '{ jobCounts { byStatus { status count } } }'],
    [3 + 100, '{ job(qrn: "a:1") { result { measurementCounts { count } } } }'],
    [3 + 5, '{ job(qrn: "a:1") { result { measurementCounts(first: 5) { count } } } }'],
    [3 + 10_000, '{ job(qrn: "a:1") { result { measurementCounts(first: 20000) { count } } } }'],
    [3, '{ job(qrn: "a:1") { qrn qrn @skip(if: true) } }'],
    [3 + 7, '{ __schema { queryType { fields { name } } } }'],
    [3 + 6, '{ __type(name: "Vendor") { name enumValues { name } } }'],
  ])('%i: %s', async (cost, query, variables = {}) => {
    const gateway = await openGateway();
    const { extensions } = await gateway.query(query, { ...telling, variables });
    expect(extensions).toEqual({ cost: { estimated: cost, max: 100_000 } });
  });

  test('nothing that is told unless the client asks for it', async () => {
    const { query } = await openGateway();
    expect(await query('{ __typename }')).toEqual({ data: { __typename: 'Query' } });
  });

  test('for a subscription, what one event costs', async () => {
    const gateway = await openGateway();
    const subscription = 'subscription { jobsChanged(first: 5) { nodes { qrn status } } }';
    const stream = await openStream(gateway, subscription, telling);
    expect((await stream.next())?.extensions).toEqual({ cost: { estimated: 2 + 5 * 2, max: 100_000 } });
    stream.cut();
  });
});

describe('an operation beyond MAX_OPERATION_COST', () => {
  const ofCost = (cost: number) => `{ jobs(first: ${cost - 2}) { nodes { qrn } } }`;

  test('is answered just below it', async () => {
    const { query } = await openGateway({ MAX_OPERATION_COST: '100' });
    expect((await query(ofCost(100))).data.jobs.nodes).toHaveLength(20);
  });

  test.each([
    ['a query', ofCost(101)],
    ['a subscription', 'subscription { jobsChanged(first: 99) { nodes { qrn } } }'],
  ])('is refused before anything is asked: %s', async (_, document) => {
    const { query, upstream } = await openGateway({ MAX_OPERATION_COST: '100' });
    const { data, errors } = await query(document);
    expect({ data, extensions: errors?.map(({ extensions }) => extensions) }).toEqual({
      data: undefined,
      extensions: [{ code: 'OPERATION_TOO_COMPLEX', limit: 'MAX_OPERATION_COST', max: 100, got: 101 }],
    });
    expect(upstream.requests).toEqual([]);
  });

  test.each([
    ['lists', 'jobs(first: 500)', 'JobConnection { edges { node { qrn } } nodes { name } }'],
    [
      'schemas',
      '__schema',
      '__Schema { types { fields { name description args { name description } type { kind name ofType { kind name } } } enumValues { name description } } }',
    ],
  ])('is refused by default: 100 %s', async (_, field, fragment) => {
    const { query } = await openGateway();
    const fields = Array.from({ length: 100 }, (_, index) => `a${index}: ${field} { ...F }`).join(' ');
    const { errors } = await query(`{ ${fields} } fragment F on ${fragment}`);
    expect(errors).toMatchObject([{ extensions: { limit: 'MAX_OPERATION_COST' } }]);
  });

  test('is not the introspection of GraphiQL, which costs exactly what it is answered with', async () => {
    const { query } = await openGateway();
    const { data, extensions } = await query(getIntrospectionQuery({ inputValueDeprecation: true }), telling);
    expect(extensions).toEqual({ cost: { estimated: countFields(data), max: 100_000 } });
  });
});

test('no answer has more fields than its operation costs', async () => {
  const { query } = await openGateway({ MAX_UPSTREAM_REQUESTS_PER_OPERATION: '1000' });
  const size = fc.constantFrom('', '(first: 0)', '(first: 3)', '(last: 25)', '(first: $n)', '(first: 500)');
  const pick = (...texts: fc.Arbitrary<string>[]) =>
    fc
      .array(fc.oneof(...texts), { minLength: 1, maxLength: 4 })
      .map((parts) => [...new Set(parts)].join(' '));
  const leaf = fc.constantFrom(
    'qrn',
    'status',
    'tags',
    'n: name',
    '__typename',
    '...J',
    'timeStamps { createdAt }',
  );
  const job = pick(
    leaf,
    pick(leaf).map((below) => `batchJob { ${below} }`),
  );
  const page = pick(
    fc.constantFrom('totalCount', 'pageInfo { endCursor hasNextPage }', 'sources { key totalCount }', '...P'),
    job.map((fields) => `nodes { ${fields} }`),
    job.map((fields) => `edges { cursor node { ${fields} } }`),
  );
  const root = fc.oneof(
    fc.tuple(size, page).map(([args, fields]) => `jobs${args} { ${fields} }`),
    job.map((fields) => `job(qrn: "qbraid:job:a0") { ${fields} }`),
    fc.constantFrom('rateLimit { key limit }', '__type(name: "Job") { name fields { name } }', '...R'),
  );
  const operation = fc
    .array(root, { minLength: 1, maxLength: 4 })
    .map((fields) =>
      fields.map((field, index) => (field.startsWith('...') ? field : `r${index}: ${field}`)).join(' '),
    );
  const fragments = `fragment J on Job { id keys device { qrn } } fragment P on JobConnection { nodes { ...J } }
    fragment R on Query { all: jobs(first: 7) { ...P } }`;

  await fc.assert(
    fc.asyncProperty(
      operation,
      fc.constantFrom('alice-key', 'a=alice-key,b=bob-key'),
      async (fields, keys) => {
        const document = `query ($n: Int = 2) { ${fields} used: jobs(first: $n) { ...P } ...R } ${fragments}`;
        const { data, errors, extensions } = await query(document, { ...telling, keys });
        expect(errors).toBeUndefined();
        const { estimated } = (extensions as { cost: { estimated: number } }).cost;
        expect(countFields(withoutJson(data))).toBeLessThanOrEqual(estimated);
      },
    ),
    { numRuns: 40 },
  );
});

/** Takes out what is inside of `tags`: it is no field. */
function withoutJson(data: unknown): unknown {
  return JSON.parse(JSON.stringify(data), (name, value) => (name === 'tags' ? null : value));
}

describe('an answer beyond MAX_ANSWER_BYTES', () => {
  const question =
    '{ jobs(first: 20) { nodes { qrn name tags createdAt shots cost isTerminal keys batchJobQrn } } }';
  const sizeOf = (answer: object) => String(Buffer.byteLength(JSON.stringify(answer)));
  const tooLarge = (max: number) => ({
    data: null,
    errors: [
      {
        message: `The answer must be at most ${max} bytes, got more: ask for fewer jobs or fields at once.`,
        extensions: { code: 'ANSWER_TOO_LARGE', limit: 'MAX_ANSWER_BYTES', max },
      },
    ],
  });

  test('is sent if it has just as many, and replaced if it has one more', async () => {
    const tags = { note: 'a "quoted" text,\n \u{1F600} é \u0001', list: [1, null, true, {}, []] };
    const service = jobService({ 'alice-key': someJobs(20, 'é"', { tags }) });
    const whole = await (await createTestGateway(service)).query(question);
    const size = Number(sizeOf(whole));
    const answers = [size, size - 1].map(async (bytes) => {
      const gateway = await createTestGateway(service, { MAX_ANSWER_BYTES: String(bytes) });
      return gateway.query(question);
    });
    expect(await Promise.all(answers)).toEqual([whole, tooLarge(size - 1)]);
  });

  test('counts what it repeats', async () => {
    const tags = { note: 'x'.repeat(1000) };
    const service = jobService({ 'alice-key': someJobs(1, '', { tags }) });
    const { query } = await createTestGateway(service, { MAX_ANSWER_BYTES: '5000' });
    const aliases = (count: number) =>
      `{ ${Array.from({ length: count }, (_, index) => `a${index}: job(qrn: "qbraid:job:0") { tags }`).join(' ')} }`;
    expect((await query(aliases(4))).errors).toBeUndefined();
    expect(await query(aliases(5))).toEqual(tooLarge(5000));
  });

  test('is replaced in a stream, which goes on', async () => {
    const jobs = someJobs(1, '', { tags: { note: 'x'.repeat(2000) } });
    const gateway = await createTestGateway(jobService({ 'alice-key': jobs }), { MAX_ANSWER_BYTES: '1024' });
    const stream = await openStream(
      gateway,
      'subscription { jobUpdated(qrns: ["qbraid:job:0"]) { status tags } }',
    );
    expect(await stream.next()).toEqual(tooLarge(1024));
    jobs[0] = { ...jobs[0], jobQrn: 'qbraid:job:0', status: 'COMPLETED', tags: {} };
    gateway.clock.advance(15_000);
    expect(await stream.next()).toMatchObject({ data: { jobUpdated: { status: 'COMPLETED' } } });
    stream.cut();
  });
});

import fc from 'fast-check';
import { type ExecutionResult, execute, parse, validate } from 'graphql';
import { describe, expect, test } from 'vitest';
import { ApiKey } from '../../src/auth/api-key.ts';
import { executableSchema } from '../../src/graphql/executable-schema.ts';
import { toGlobalId } from '../../src/graphql/global-id.ts';
import type { GraphQLContext } from '../../src/graphql/graphql-context.ts';
import { JobTexts } from '../../src/graphql/plan/job-texts.ts';
import { planOperation } from '../../src/graphql/plan/operation-plan.ts';
import { KeysFailedError } from '../../src/jobs/keys-failed-error.ts';
import type { JobView, ListPage } from '../../src/jobs/list-page.ts';
import { NEVER } from '../../src/jobs/seq.ts';
import type { Job } from '../../src/upstream/job.ts';
import { UpstreamError } from '../../src/upstream/upstream-error.ts';
import { theJob } from '../support/open-caches.ts';
import { type ArgumentValues, buildOperation } from '../support/operation-builder.ts';
import { stampAt } from '../support/stamp.ts';

const schema = executableSchema;
const notFound = new UpstreamError('not-found', 'The qBraid API knows no such job.');

/** Jobs with values that are easily written in a wrong way. */
const jobs: readonly Job[] = [
  theJob('a:1', { batchJobQrn: 'a:2', cost: -0.1, shots: 9_007_199_254_740_991 }),
  theJob('a:2', {
    name: 'say "\u2028" \\ \ud800 \u0007 ☃ \u{1f600}',
    tags: {
      constructor: 'x',
      note: null,
      deep: [1, { a: [] }],
      '': false,
      ...JSON.parse('{"__proto__": "p"}'),
    },
    cost: 1e21,
    shots: -3,
    device: { qrn: 'd:1', name: null },
  }),
  theJob('a:3', {
    status: 'A_NEW_ONE',
    batchJobQrn: 'gone:1',
    device: null,
    timeStamps: null,
    createdAt: null,
  }),
];

const values: ArgumentValues = {
  qrn: [
    ['"a:1"', 'a:1'],
    ['"a:2"', 'a:2'],
    ['"gone:1"', 'gone:1'],
    ['"no name"', 'no name'],
  ],
  id: [toGlobalId('a:2'), toGlobalId('gone:1'), 'x'].map((id) => [JSON.stringify(id), id]),
  ids: [['a:1', 'a:2'], ['a:3', 'gone:1'], []].map((qrns) => {
    const ids = qrns.map(toGlobalId);
    return [JSON.stringify(ids), ids];
  }),
  first: [
    ['2', 2],
    ['0', 0],
    ['50', 50],
    ['-1', -1],
  ],
  key: [
    ['"note"', 'note'],
    ['"constructor"', 'constructor'],
    ['"deep"', 'deep'],
    ['"toString"', 'toString'],
  ],
  filter: [
    ['null', null],
    ['{ provider: "qbraid" }', { provider: 'qbraid' }],
    ['{ keys: ["other"] }', { keys: ['other'] }],
  ],
};

/** A context over these jobs. It tells how many errors were reported beside values. */
function openContext(rows: readonly (Job | UpstreamError)[]) {
  const viewOf = (job: Job): JobView => ({ job, fetched: stampAt(1000), keys: ['default'] });
  let reported = 0;
  const page: ListPage = {
    items: rows.map((row, index) =>
      row instanceof UpstreamError
        ? { identity: `row ${index}`, isNamed: false, job: row }
        : { identity: row.qrn, isNamed: true, job: viewOf(row) },
    ),
    total: rows.length,
    askedSeq: NEVER,
    readSeq: NEVER,
  };
  const loaders = {
    async job(qrn: string) {
      const job = jobs.find((each) => each.qrn === qrn);
      if (job === undefined) throw new KeysFailedError([{ label: 'default', error: notFound }]);
      return viewOf(job);
    },
    pages: () => async () => page,
  };
  const credentials = [{ label: 'default', key: new ApiKey('alice') }];
  const budgetOf = () => ({ limit: 1000, used: 3, remaining: 997, resetAt: new Date(5000) });
  const context = {
    session: () => ({ credentials, loaders, budgetOf }),
    takeIds: () => true,
    report: () => {
      reported += 1;
    },
    pollers: { turns: { next: async () => {} } },
  } as unknown as GraphQLContext;
  return { context, reported: () => reported };
}

interface Outcome {
  readonly text: string | null;
  readonly isWhole: boolean;
}

/** What a plan gives, twice, so that what it remembers is looked at too. */
async function runPlan(
  seed: number,
  rows: readonly (Job | UpstreamError)[],
): Promise<readonly (Outcome | null)[]> {
  const { document, operationName, variables } = buildOperation(seed, values);
  const plan = planOperation(
    { schema, document: parse(document), jobTexts: new JobTexts(2000) },
    operationName,
  );
  const run = async () => {
    const { context, reported } = openContext(rows);
    const prepared = plan?.prepare(variables) ?? null;
    if (prepared === null) return null;
    try {
      const text = await prepared.plan.write(undefined, { context, variableValues: prepared.variableValues });
      return { text, isWhole: reported() === 0 };
    } catch {
      return { text: null, isWhole: false };
    }
  };
  return [await run(), await run()];
}

/** What graphql-js gives. */
async function runGraphql(seed: number, rows: readonly (Job | UpstreamError)[]): Promise<Outcome> {
  const { document, operationName, variables } = buildOperation(seed, values);
  const { context, reported } = openContext(rows);
  const { data, errors }: ExecutionResult = await execute({
    schema,
    document: parse(document),
    operationName,
    variableValues: variables,
    contextValue: context,
  });
  return { text: JSON.stringify(data), isWhole: errors === undefined && reported() === 0 };
}

const isValid = (seed: number) => validate(schema, parse(buildOperation(seed, values).document)).length === 0;

describe('a plan', () => {
  test.each<[string, readonly (Job | UpstreamError)[]]>([
    ['in a list whose rows can all be read', jobs],
    ['in a list with a row that cannot', [...jobs, notFound]],
  ])('writes what graphql-js does, and fails where that has errors: %s', async (_, rows) => {
    await fc.assert(
      fc.asyncProperty(fc.integer(), async (seed) => {
        fc.pre(isValid(seed));
        const expected = await runGraphql(seed, rows);
        for (const outcome of await runPlan(seed, rows)) {
          if (expected.isWhole) expect(outcome).toEqual(expected);
          else expect(outcome?.isWhole ?? false).toBe(false);
        }
      }),
      { numRuns: 200 },
    );
  });

  test('is tried with operations of which most are valid, and many have no errors', async () => {
    const seeds = Array.from({ length: 100 }, (_, seed) => seed).filter(isValid);
    const outcomes = await Promise.all(seeds.map((seed) => runGraphql(seed, jobs)));
    expect(seeds.length).toBeGreaterThan(80);
    expect(outcomes.filter(({ isWhole }) => isWhole).length).toBeGreaterThan(30);
  });
});

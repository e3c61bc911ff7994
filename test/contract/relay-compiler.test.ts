import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createTestGateway } from '../support/create-test-gateway.ts';
import { someJobs } from '../support/job-builder.ts';
import { jobService } from '../support/job-service.ts';

const schema = new URL('../../schema.graphql', import.meta.url);
const require = createRequire(import.meta.url);
/** The path of the program that `npx relay-compiler` runs. */
const compiler: string = require('relay-compiler');

/** What TypeScript calls the values of the schema's own scalars. */
const scalars = {
  DateTime: 'string',
  JSON: 'unknown',
  JSONObject: 'Record<string, unknown>',
  SafeInt: 'number',
};

const jobCard = `
  fragment JobCard_job on Job @refetchable(queryName: "JobCardRefetchQuery") {
    qrn
    shots
    createdAt
    tags
    tag(key: "project")
  }`;

const jobList = `
  fragment JobList_query on Query
  @argumentDefinitions(
    first: { type: "Int", defaultValue: 2 }
    after: { type: "String" }
    filter: { type: "JobFilter" }
  )
  @refetchable(queryName: "JobListPaginationQuery") {
    jobs(first: $first, after: $after, filter: $filter) @connection(key: "JobList_jobs") {
      totalCount
      edges { node { ...JobCard_job } }
    }
  }`;

const jobPage = `
  query JobPageQuery($filter: JobFilter) { ...JobList_query @arguments(filter: $filter) }`;

const components = { JobCard: jobCard, JobList: jobList, JobPage: jobPage };

describe('relay-compiler', () => {
  test('takes a paged list of jobs that can each be refetched', async () => {
    const { exitCode, artifacts } = await compile(components);
    expect(exitCode).toBe(0);
    expect([...artifacts.keys()]).toEqual([
      'JobCardRefetchQuery.graphql.ts',
      'JobCard_job.graphql.ts',
      'JobListPaginationQuery.graphql.ts',
      'JobList_query.graphql.ts',
      'JobPageQuery.graphql.ts',
    ]);
  });

  test('takes a list of jobs that is paged backward', async () => {
    const { exitCode } = await compile({
      JobLog: `
        fragment JobLog_query on Query
        @argumentDefinitions(last: { type: "Int", defaultValue: 50 }, before: { type: "String" })
        @refetchable(queryName: "JobLogPaginationQuery") {
          jobs(last: $last, before: $before) @connection(key: "JobLog_jobs") { edges { node { qrn } } }
        }`,
    });
    expect(exitCode).toBe(0);
  });

  test('writes queries that page the list and refetch a job', async () => {
    const { artifacts } = await compile(components);
    const { query } = await createTestGateway(jobService({ 'alice-key': someJobs(3) }));
    const run = (name: string, variables: object = {}) =>
      query(queryOf(artifacts.get(`${name}.graphql.ts`)), { variables: { ...variables } });

    const { data: page } = await run('JobPageQuery');
    const { data: next } = await run('JobListPaginationQuery', { after: page.jobs.pageInfo.endCursor });
    const { data: job } = await run('JobCardRefetchQuery', { id: next.jobs.edges[0].node.id });

    expect(job.node).toMatchObject({ __typename: 'Job', qrn: 'qbraid:job:2' });
  });

  test.each<[what: string, components: Record<string, string>, types: object, complaint: string]>([
    [
      'a field that is not there',
      { JobCard: jobCard.replace('qrn', 'colour') },
      scalars,
      'no field `colour`',
    ],
    [
      'a connection on what is none',
      {
        JobList: `
          fragment JobList_query on Query @refetchable(queryName: "JobListPaginationQuery") {
            jobs { sources @connection(key: "JobList_sources") { key } }
          }`,
      },
      scalars,
      '@connection used on invalid field',
    ],
    [
      'an object that is no node',
      { JobDevice: 'fragment JobDevice_device on Device @refetchable(queryName: "JobDeviceQuery") { name }' },
      scalars,
      'Invalid use of @refetchable',
    ],
    ['a scalar without a type', components, { ...scalars, SafeInt: undefined }, "JS type for 'SafeInt'"],
  ])('would refuse %s', async (_, broken, types, complaint) => {
    const { exitCode, output } = await compile(broken, types);
    expect(exitCode).toBe(1);
    expect(output).toContain(complaint);
  });
});

/** Compiles a project of these components, each one GraphQL document, in a folder that ends with the test. */
async function compile(documents: Readonly<Record<string, string>>, customScalarTypes: object = scalars) {
  const folder = await mkdtemp(join(tmpdir(), 'relay-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const config = {
    src: './src',
    schema: './schema.graphql',
    language: 'typescript',
    artifactDirectory: './artifacts',
    requireCustomScalarTypes: true,
    customScalarTypes,
  };
  await mkdir(join(folder, 'src'));
  await mkdir(join(folder, 'artifacts'));
  await copyFile(schema, join(folder, 'schema.graphql'));
  await writeFile(join(folder, 'relay.config.json'), JSON.stringify(config));
  for (const [name, document] of Object.entries(documents)) {
    const component = `import { graphql } from 'react-relay';\nexport const document = graphql\`${document}\`;\n`;
    await writeFile(join(folder, 'src', `${name}.ts`), component);
  }

  const result = await execute(compiler, ['relay.config.json'], folder);
  const artifacts = new Map<string, string>();
  for (const name of (await readdir(join(folder, 'artifacts'))).sort()) {
    artifacts.set(name, await readFile(join(folder, 'artifacts', name), 'utf8'));
  }
  return { ...result, artifacts };
}

/** Runs a program to its end, however it ends. */
function execute(program: string, args: readonly string[], cwd: string) {
  return new Promise<{ exitCode: unknown; output: string }>((resolve) => {
    const child = execFile(program, args, { cwd }, (_, stdout, stderr) =>
      resolve({ exitCode: child.exitCode, output: stdout + stderr }),
    );
  });
}

/** The text of the query in an artifact. */
function queryOf(artifact = ''): string {
  return JSON.parse(/"text": (".*")/.exec(artifact)?.[1] ?? '""');
}

import { describe, expect, test } from 'vitest';
import { createTestGateway } from '../support/create-test-gateway.ts';
import { someJobs } from '../support/job-builder.ts';
import { jobService } from '../support/job-service.ts';
import { relayScalars, runRelayCompiler } from '../support/run-relay-compiler.ts';

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
    const { exitCode, artifacts } = await runRelayCompiler(components);
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
    const { exitCode } = await runRelayCompiler({
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
    const { artifacts } = await runRelayCompiler(components);
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
      relayScalars,
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
      relayScalars,
      '@connection used on invalid field',
    ],
    [
      'an object that is no node',
      { JobDevice: 'fragment JobDevice_device on Device @refetchable(queryName: "JobDeviceQuery") { name }' },
      relayScalars,
      'Invalid use of @refetchable',
    ],
    ['a scalar without a type', components, { ...relayScalars, SafeInt: undefined }, "JS type for 'SafeInt'"],
  ])('would refuse %s', async (_, broken, customScalarTypes, complaint) => {
    const { exitCode, output } = await runRelayCompiler(broken, { customScalarTypes });
    expect(exitCode).toBe(1);
    expect(output).toContain(complaint);
  });
});

/** The text of the query in an artifact. */
function queryOf(artifact = ''): string {
  return JSON.parse(/"text": (".*")/.exec(artifact)?.[1] ?? '""');
}

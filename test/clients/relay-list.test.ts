import {
  createOperationDescriptor,
  Environment,
  Network,
  RecordSource,
  Store,
  type Variables,
} from 'relay-runtime';
import { expect, test } from 'vitest';
import { handlerProvider } from '../../clients/src/relay.ts';
import { compileForRelay } from '../support/compile-for-relay.ts';

interface Shown {
  readonly jobs: { readonly edges: readonly { readonly cursor: string }[]; readonly pageInfo: object };
}

test('a list that Relay reads forward says what comes before it as its first page did', async () => {
  const log = await openLog(`($after: String) {
    jobs(first: 2, after: $after) @connection(key: "JobLog_jobs") {
      edges { cursor node { id } }
      pageInfo { hasPreviousPage startCursor hasNextPage endCursor }
    }
  }`);
  log.take({}, arrivalOf([4, 3], { hasPreviousPage: false, hasNextPage: true }));
  log.take({ after: '3' }, arrivalOf([2, 1], { hasPreviousPage: true, hasNextPage: false }));
  expect(log.shown()).toEqual({
    cursors: ['4', '3', '2', '1'],
    pageInfo: { hasPreviousPage: false, startCursor: '4', hasNextPage: false, endCursor: '1' },
  });
  log.take({}, arrivalOf([5, 4], { hasPreviousPage: false, hasNextPage: true }));
  expect(log.shown()).toMatchObject({
    cursors: ['5', '4', '3', '2', '1'],
    pageInfo: { startCursor: '5', endCursor: '1' },
  });
});

test('a list that Relay reads backward is joined by Relay itself', async () => {
  const log = await openLog(`($before: String) {
    jobs(last: 2, before: $before) @connection(key: "JobLog_jobs") {
      edges { cursor node { id } }
      pageInfo { hasPreviousPage startCursor }
    }
  }`);
  log.take({}, arrivalOf([2, 1], { hasPreviousPage: true }));
  log.take({ before: '2' }, arrivalOf([4, 3], { hasPreviousPage: false }));
  expect(log.shown()).toEqual({
    cursors: ['4', '3', '2', '1'],
    pageInfo: { hasPreviousPage: false, startCursor: '4' },
  });
});

/** A page with jobs of these numbers, whose cursors are their numbers. */
const arrivalOf = (numbers: readonly number[], more: object) => ({
  jobs: {
    edges: numbers.map((number) => ({
      cursor: `${number}`,
      node: { __typename: 'Job', id: `job ${number}` },
    })),
    pageInfo: { startCursor: `${numbers[0]}`, endCursor: `${numbers.at(-1)}`, ...more },
  },
});

/** Puts pages of this document into a store. */
async function openLog(document: string) {
  const { request } = await compileForRelay('JobLog', `query JobLogQuery${document}`);
  const environment = new Environment({
    network: Network.create(() => expect.fail('nothing is asked for')),
    store: new Store(new RecordSource()),
    handlerProvider,
  });
  const operationOf = (variables: Variables) => createOperationDescriptor(request('JobLogQuery'), variables);
  return {
    take: (variables: Variables, page: ReturnType<typeof arrivalOf>) =>
      environment.commitPayload(operationOf(variables), page),
    shown: () => {
      const { jobs } = environment.lookup(operationOf({}).fragment).data as unknown as Shown;
      return { cursors: jobs.edges.map(({ cursor }) => cursor), pageInfo: jobs.pageInfo };
    },
  };
}

test('a job that is told with fewer keys than its list has does not have the list read again', async () => {
  const { request } = await compileForRelay(
    'JobLog',
    `query JobLogQuery($after: String) {
      jobs(first: 2, after: $after) @connection(key: "JobLog_jobs") {
        totalCount
        edges { cursor node { id keys } }
        pageInfo { hasNextPage endCursor }
      }
    }
    query JobLogRowQuery { job(qrn: "1") { id keys } }`,
  );
  const environment = new Environment({
    network: Network.create(() => expect.fail('nothing is asked for')),
    store: new Store(new RecordSource()),
    handlerProvider,
  });
  const operationOf = (name: string, variables: Variables) =>
    createOperationDescriptor(request(name), variables);
  const list = operationOf('JobLogQuery', {});
  const take = (variables: Variables, numbers: readonly number[], hasNextPage: boolean) => {
    const { jobs } = arrivalOf(numbers, { hasNextPage });
    const edges = jobs.edges.map(({ cursor, node }) => ({
      cursor,
      node: { ...node, keys: ['alice', 'bob'] },
    }));
    environment.commitPayload(operationOf('JobLogQuery', variables), {
      jobs: { ...jobs, totalCount: 8, edges },
    });
  };
  take({}, [4, 3], true);
  take({ after: '3' }, [2, 1], false);
  const row = operationOf('JobLogRowQuery', {});
  environment.commitPayload(row, { job: { __typename: 'Job', id: 'job 1', keys: ['alice'] } });
  take({}, [4, 3], true);
  const { jobs } = environment.lookup(list.fragment).data as unknown as Shown;
  expect(jobs.pageInfo).toMatchObject({ hasNextPage: false, endCursor: '1' });
});

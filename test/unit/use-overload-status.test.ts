import { type ExecutionResult, GraphQLError } from 'graphql';
import { createSchema, createYoga } from 'graphql-yoga';
import { expect, test } from 'vitest';
import { useOverloadStatus } from '../../src/server/plugins/use-overload-status.ts';

const overloaded = (retryAfterMs: number) =>
  new GraphQLError('full', { path: ['job'], extensions: { code: 'OVERLOADED', retryAfterMs } });
const notFound = new GraphQLError('none', { extensions: { code: 'NOT_FOUND' } });

test.each<[what: string, result: ExecutionResult, status: number, retryAfter: string | null]>([
  ['data', { data: { job: {} } }, 200, null],
  ['no data, but without an error', { data: { job: null } }, 200, null],
  ['overload alone', { data: { job: null }, errors: [overloaded(1000)] }, 503, '1'],
  ['overload before anything ran', { errors: [overloaded(200)] }, 503, '1'],
  ['overload twice', { data: null, errors: [overloaded(1200), overloaded(200)] }, 503, '2'],
  ['overload, and data', { data: { job: null, jobs: [] }, errors: [overloaded(1000)] }, 200, null],
  ['overload, and another error', { data: { job: null }, errors: [overloaded(1000), notFound] }, 200, null],
])('an answer with %s', async (_, result, status, retryAfter) => {
  const yoga = createYoga({
    schema: createSchema({ typeDefs: 'type Query { job: Boolean }' }),
    plugins: [{ onParams: ({ setResult }) => setResult(result) }, useOverloadStatus()],
  });
  const responses = ['application/json', 'application/graphql-response+json'].map((accept) =>
    yoga.fetch('http://gateway/graphql?query={job}', { headers: { accept } }),
  );
  const answers = (await Promise.all(responses)).map(async (response) => [
    response.status,
    response.headers.get('retry-after'),
    await response.json(),
  ]);
  const { data, errors } = result;
  const body = JSON.parse(JSON.stringify({ ...(status === 200 ? { data } : {}), errors }));
  expect(await Promise.all(answers)).toEqual(Array(2).fill([status, retryAfter, body]));
});

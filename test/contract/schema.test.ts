import { readFileSync } from 'node:fs';
import {
  type ASTNode,
  buildSchema,
  introspectionFromSchema,
  isObjectType,
  parse,
  print,
  validateSchema,
  visit,
} from 'graphql';
import { describe, expect, test } from 'vitest';
import { executableSchema } from '../../src/graphql/executable-schema.ts';

const text = readFileSync(new URL('../../schema.graphql', import.meta.url), 'utf8');

describe('schema.graphql', () => {
  test('makes a valid schema', () => {
    // The gateway assumes that it is. Here, faults of the language are thrown.
    expect(validateSchema(buildSchema(text))).toEqual([]);
  });

  test('describes everything that it defines', () => {
    const undescribed: string[] = [];
    visit(parse(text), {
      enter(node: ASTNode) {
        if (!('description' in node && 'name' in node) || node.description?.value.trim()) return;
        undescribed.push(`${node.name?.value} in line ${node.loc?.startToken.line}`);
      },
    });
    expect(undescribed).toEqual([]);
  });

  test('names nothing that is internal to upstream, and nothing unfinished or vague', () => {
    const internal = ['organizationUserId', 'deviceId', 'providerId', 'gcsDestination', 'debugInfo'];
    const vague = ['TODO', 'FIXME', 'TBD', 'utils?', 'helpers?', 'common', 'misc'];
    expect(text).not.toMatch(new RegExp(`\\b(${[...internal, ...vague].join('|')})\\b`, 'i'));
  });
});

describe('the public contract', () => {
  test.each([
    ['Query', 'job(qrn: String!): Job'],
    ['Query', 'node(id: ID!): Node'],
    ['Query', 'nodes(ids: [ID!]!): [Node]!'],
    ['Query', 'jobs(filter: JobFilter, first: Int, after: String, last: Int, before: String): JobConnection'],
    ['Query', 'jobCounts(keys: [String!]): JobCounts'],
    ['Query', 'device(qrn: String!): Device'],
    ['Query', 'rateLimit: [RateLimit!]'],
    ['Mutation', 'cancelJob(input: CancelJobInput!): CancelJobPayload'],
    ['Subscription', 'jobUpdated(qrns: [String!]!): Job!'],
    ['Subscription', 'jobsChanged(filter: JobFilter, first: Int = 50, after: String): JobConnection!'],
    ['Subscription', 'jobCountsChanged(keys: [String!]): JobCounts!'],
    ['Job', 'id: ID!'],
    ['Job', 'tag(key: String!): JSON'],
    ['Job', 'batchJob: Job'],
  ])('has %s.%s', (type, field) => {
    expect(fieldsOf(type)).toContain(field);
  });

  test.each([
    [
      'Job',
      `id qrn name status statusMsg shots numCircuits deviceQrn device vendor provider experimentType tags tag
       runtimeOptions metadata batchJobQrn batchJob queuePosition timeStamps createdAt updatedAt cost estimatedCost
       isTerminal result keys fetchedAt`,
    ],
    ['JobTimeStamps', 'createdAt endedAt executionDuration'],
    ['JobResult', 'measurementCounts shots data'],
    ['MeasurementCount', 'bitstring count probability'],
    ['Device', 'qrn name deviceType vendor status statusMsg queueDepth avgQueueTime pricing'],
    ['DevicePricing', 'perTask perShot perMinute'],
    ['JobCounts', 'total active byStatus sources isStale fetchedAt'],
    ['JobStatusCount', 'status count'],
    ['CancelJobInput', 'qrn key clientMutationId'],
    ['CancelJobPayload', 'job clientMutationId'],
    ['JobConnection', 'edges nodes pageInfo totalCount sources isStale fetchedAt'],
    ['JobEdge', 'cursor node'],
    ['PageInfo', 'hasNextPage hasPreviousPage startCursor endCursor'],
    ['JobSource', 'key totalCount error'],
    ['JobSourceError', 'code message retryAfterMs'],
    ['JobFilter', 'vendor vendorName provider statusGroup status search tags keys'],
    ['RateLimit', 'key limit used remaining resetAt'],
  ])('has the fields of %s and no others', (type, names) => {
    expect(fieldsOf(type).map((field) => field.replace(/\W.*/, ''))).toEqual(names.split(/\s+/));
  });
});

test('has a resolver for each field whose parent is not a plain object', () => {
  const isPlain =
    /^__|^(JobTimeStamps|MeasurementCount|DevicePricing|JobStatusCount|PageInfo|JobSourceError|RateLimit)$/;
  const types = Object.values(executableSchema.getTypeMap()).filter(isObjectType);
  const missing = types
    .filter(({ name }) => !isPlain.test(name))
    .flatMap((type) =>
      Object.values(type.getFields())
        .filter(({ resolve }) => resolve === undefined)
        .map(({ name }) => `${type.name}.${name}`),
    );
  expect(missing).toEqual([]);
});

test('tells clients what schema.graphql says of the scalars', () => {
  const told = ['DateTime', 'JSON', 'JSONObject', 'SafeInt'].map(
    (name) => executableSchema.getType(name)?.description,
  );
  expect(told).toEqual([
    'An instant, as RFC 3339 text in UTC with milliseconds: `2026-01-15T10:30:00.000Z`.',
    'Any JSON value.',
    'A JSON object.',
    'A whole number of up to 53 bits.',
  ]);
});

test('tells clients where the scalars are specified', () => {
  const { types } = introspectionFromSchema(executableSchema, { specifiedByUrl: true }).__schema;
  const told = types.flatMap((type) =>
    type.kind === 'SCALAR' && type.specifiedByURL ? [[type.name, type.specifiedByURL]] : [],
  );
  expect(Object.fromEntries(told)).toEqual({
    DateTime: 'https://scalars.graphql.org/andimarek/date-time.html',
    JSON: 'https://www.rfc-editor.org/rfc/rfc8259',
    JSONObject: 'https://www.rfc-editor.org/rfc/rfc8259#section-4',
    SafeInt: 'https://tc39.es/ecma262/#sec-number.issafeinteger',
  });
});

/** The fields of a type as they stand in the schema language, without their descriptions. */
function fieldsOf(name: string): string[] {
  const bare = visit(parse(text), {
    enter: (node: ASTNode) => ('description' in node ? { ...node, description: undefined } : undefined),
  });
  const type = bare.definitions.find((definition) => 'name' in definition && definition.name?.value === name);
  return type && 'fields' in type ? (type.fields ?? []).map((field) => print(field)) : [];
}

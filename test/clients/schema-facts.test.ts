import { readFileSync } from 'node:fs';
import { buildSchema, isEnumType, isScalarType, isSpecifiedScalarType } from 'graphql';
import { expect, test } from 'vitest';
import { possibleTypes, scalars } from '../../clients/src/codegen.ts';
import { errorCodes } from '../../clients/src/core/error-code.ts';
import { hasCode, retryAfterMs } from '../../clients/src/core/read-errors.ts';

const schema = buildSchema(readFileSync('schema.graphql', 'utf8'));

test('the clients know each code of the schema', () => {
  const type = schema.getType('ErrorCode');
  expect(isEnumType(type) && type.getValues().map(({ name }) => name)).toEqual([...errorCodes]);
});

test('the clients know each scalar of the schema', () => {
  const own = Object.values(schema.getTypeMap()).filter(
    (type) => isScalarType(type) && !isSpecifiedScalarType(type),
  );
  expect(own.map(({ name }) => name).sort()).toEqual(Object.keys(scalars).sort());
});

test('the clients know the types of each interface of the schema', () => {
  const node = schema.getType('Node');
  const types = node !== undefined && 'getInterfaces' in node ? schema.getPossibleTypes(node as never) : [];
  expect({ Node: types.map(({ name }) => name) }).toEqual(possibleTypes);
});

const limited = { message: 'wait', extensions: { code: 'RATE_LIMITED', retryAfterMs: 1500 } };

test.each([
  ["Apollo Client's combined error", { errors: [{ message: 'other' }, limited] }],
  ["urql's combined error", { graphQLErrors: [limited] }],
  ["the error of Relay's network", { source: { errors: [limited] } }],
  ['one GraphQL error', limited],
  ['several GraphQL errors', [limited, { message: 'other', extensions: { code: 'NOT_FOUND' } }]],
  ['the error of a source', { code: 'RATE_LIMITED', message: 'wait', retryAfterMs: 1500 }],
])('a code and a time are found in %s', (_, error) => {
  expect([hasCode(error, 'RATE_LIMITED'), hasCode(error, 'CONFLICT')]).toEqual([true, false]);
  expect(retryAfterMs(error)).toBe(1500);
});

test.each([[new Error('fetch failed')], [undefined], [null], ['RATE_LIMITED']])('%s has no code', (error) => {
  expect([hasCode(error, 'RATE_LIMITED'), retryAfterMs(error)]).toEqual([false, null]);
});

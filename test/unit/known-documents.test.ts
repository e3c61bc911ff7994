import { expect, test, vi } from 'vitest';
import { executableSchema } from '../../src/graphql/executable-schema.ts';
import { KnownDocuments } from '../../src/server/documents/known-documents.ts';
import { createValidateDocument } from '../../src/server/documents/validate-document.ts';

const LIMITS = {
  maxBytes: 1000,
  maxTokens: 100,
  maxDepth: 3,
  maxAliases: 2,
  maxDirectives: 2,
  maxRootFields: 2,
};
const ROOMY = 1_000_000;

function openDocuments(cacheBytes = ROOMY) {
  const validate = vi.fn(
    createValidateDocument(executableSchema, { introspection: true, fieldSuggestions: true }),
  );
  return { documents: new KnownDocuments({ ...LIMITS, cacheBytes, validate }), validate };
}

const UNKNOWN_FIELD = '{ nothing }';

test('a document is parsed and validated once, whoever asks', () => {
  const { documents, validate } = openDocuments();
  const document = documents.findValid('{ __typename }');
  expect(document).toBe(documents.parse('{ __typename }'));
  expect(documents.findValid('{ __typename }')).toBe(document);
  expect(validate).toHaveBeenCalledOnce();
});

test('what is wrong with a document is found once, and told each time', () => {
  const { documents, validate } = openDocuments();
  expect(documents.findValid(UNKNOWN_FIELD)).toBeNull();
  const tell = () => documents.errorsOf(documents.parse(UNKNOWN_FIELD)).map(({ message }) => message);
  expect([tell(), tell()]).toEqual(
    Array(2).fill([expect.stringContaining('Cannot query field "nothing" on type "Query".')]),
  );
  expect(validate).toHaveBeenCalledOnce();
});

test.each([
  ['is malformed', '{ '],
  ['is larger than the limits allow', '{ a: __typename b: __typename c: __typename }'],
])('a text that %s is no document, and why is told by the parser', (_, text) => {
  const { documents, validate } = openDocuments();
  expect(documents.findValid(text)).toBeNull();
  expect(() => documents.parse(text)).toThrow();
  expect(validate).not.toHaveBeenCalled();
});

test('the document that was used least recently is forgotten first', () => {
  // Each takes some eight thousand bytes.
  const { documents, validate } = openDocuments(20_000);
  const [first, second, third] = ['{ a: __typename }', '{ b: __typename }', '{ c: __typename }'] as const;
  for (const text of [first, second, first, third, first]) documents.findValid(text);
  expect(validate).toHaveBeenCalledTimes(3);
  documents.findValid(second);
  expect(validate).toHaveBeenCalledTimes(4);
});

test('where none are to be kept, each is parsed and validated again', () => {
  const { documents, validate } = openDocuments(0);
  for (let time = 0; time < 2; time += 1) expect(documents.findValid('{ __typename }')).not.toBeNull();
  expect(validate).toHaveBeenCalledTimes(2);
});

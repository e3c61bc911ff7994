import { type DocumentNode, GraphQLError, Lexer, parse, Source, TokenKind } from 'graphql';
import type { DocumentConfig } from '../../config/config.ts';
import { GatewayError } from '../../lib/gateway-error.ts';
import { assertFewRepeats } from './assert-few-repeats.ts';
import { assertWithin } from './assert-within.ts';
import { measureDocument } from './measure-document.ts';

export type DocumentLimits = Omit<DocumentConfig, 'cacheBytes'>;

/** How many fragments may be nested within each other. Validation and execution call themselves for each. */
const MAX_NESTED_FRAGMENTS = 100;

const SPLIT = 'send it as several operations';

/**
 * Parses a document that keeps to the limits. What is refused costs at most one reading of its text.
 *
 * @throws {GatewayError} `too-complex` for a document beyond a limit.
 * @throws {GraphQLError} for a document that is none.
 */
export function parseDocument(text: string, limits: DocumentLimits): DocumentNode {
  const { maxBytes, maxTokens, maxDepth } = limits;
  assertWithin(
    { limit: 'MAX_DOCUMENT_BYTES', max: maxBytes, what: 'bytes of a document', advice: SPLIT },
    Buffer.byteLength(text),
  );
  try {
    const document = parse(text, { maxTokens });
    assertPlain(document, limits);
    return document;
  } catch (error) {
    if (error instanceof GraphQLError) assertFewTokens(text, maxTokens);
    if (!(error instanceof RangeError)) throw error;
    // If all tokens are brackets, some thousands of them exhaust the stack.
    const message = `The fields of a document must be nested at most ${maxDepth} deep, got far more: ${SPLIT}.`;
    throw new GatewayError('too-complex', message, { limit: 'MAX_DEPTH', max: maxDepth });
  }
}

function assertPlain(document: DocumentNode, limits: DocumentLimits): void {
  const { depth, nestedFragments, aliases, directives, rootFields } = measureDocument(document);
  const { maxDepth, maxAliases, maxDirectives, maxRootFields } = limits;
  assertWithin({ limit: 'MAX_DEPTH', max: maxDepth, what: 'levels of fields', advice: SPLIT }, depth);
  assertWithin(
    {
      limit: 'NESTED_FRAGMENTS',
      max: MAX_NESTED_FRAGMENTS,
      what: 'fragments within each other',
      advice: 'write their fields in one',
    },
    nestedFragments,
  );
  assertWithin(
    { limit: 'MAX_ALIASES', max: maxAliases, what: 'aliases of a document', advice: SPLIT },
    aliases,
  );
  assertWithin(
    {
      limit: 'MAX_DIRECTIVES',
      max: maxDirectives,
      what: 'directives of a document',
      advice: 'leave some out, or write separate operations',
    },
    directives,
  );
  assertWithin(
    { limit: 'MAX_ROOT_FIELDS', max: maxRootFields, what: 'root fields of an operation', advice: SPLIT },
    rootFields,
  );
  assertFewRepeats(document);
}

/** The parser says of too many tokens only that there are too many. */
function assertFewTokens(text: string, maxTokens: number): void {
  assertWithin(
    { limit: 'MAX_TOKENS', max: maxTokens, what: 'tokens of a document', advice: SPLIT },
    countTokens(text),
  );
}

/** Counts the tokens in front of the first character that begins none. */
function countTokens(text: string): number {
  const lexer = new Lexer(new Source(text));
  let count = 0;
  try {
    while (lexer.advance().kind !== TokenKind.EOF) count += 1;
  } catch {
    return count;
  }
  return count;
}

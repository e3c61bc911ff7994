import {
  type DocumentNode,
  type GraphQLError,
  type GraphQLSchema,
  specifiedRules,
  type ValidationRule,
  validate,
} from 'graphql';
import type { ExposureConfig } from '../../config/config.ts';
import { hideSchemaNames } from './hide-schema-names.ts';
import { noIntrospectionRule } from './no-introspection-rule.ts';

/** How many errors are told at once. One more says that there are more. */
const MAX_ERRORS = 5;

/** Finds what is wrong with a document: nothing if it is valid. */
export type ValidateDocument = (document: DocumentNode) => readonly GraphQLError[];

/** Makes what validates documents, and tells of the schema only what `exposure` allows. */
export function createValidateDocument(
  schema: GraphQLSchema,
  { introspection, fieldSuggestions }: Pick<ExposureConfig, 'introspection' | 'fieldSuggestions'>,
): ValidateDocument {
  const standard = fieldSuggestions ? specifiedRules : specifiedRules.map(hideSchemaNames);
  const rules: readonly ValidationRule[] = introspection ? standard : [noIntrospectionRule, ...standard];
  return (document) => validate(schema, document, rules, { maxErrors: MAX_ERRORS });
}

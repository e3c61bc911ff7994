import {
  type DocumentNode,
  type GraphQLSchema,
  specifiedRules,
  type ValidationRule,
  validate,
} from 'graphql';
import type { Plugin } from 'graphql-yoga';
import type { ExposureConfig } from '../../config/config.ts';
import { hideSchemaNames } from './hide-schema-names.ts';
import { noIntrospectionRule } from './no-introspection-rule.ts';

/** How many errors are told at once. One more says that there are more. */
const MAX_ERRORS = 5;

type Validate = (schema: GraphQLSchema, ...rest: readonly unknown[]) => unknown;

export interface ValidationOptions extends Pick<ExposureConfig, 'introspection' | 'fieldSuggestions'> {
  /** Told of each document that is found to be valid, once. */
  readonly onValid: (document: DocumentNode) => void;
}

/** Validates documents, and tells of the schema only what `exposure` allows. */
export function useValidation({ introspection, fieldSuggestions, onValid }: ValidationOptions): Plugin {
  const standard = fieldSuggestions ? specifiedRules : specifiedRules.map(hideSchemaNames);
  const rules: readonly ValidationRule[] = introspection ? standard : [noIntrospectionRule, ...standard];
  return {
    onValidate({ params, setValidationFn }) {
      const validateDocument: Validate = (schema) => {
        const errors = validate(schema, params.documentAST, rules, { maxErrors: MAX_ERRORS });
        if (errors.length === 0) onValid(params.documentAST);
        return errors;
      };
      setValidationFn(validateDocument as typeof validate);
    },
  };
}

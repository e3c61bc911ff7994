import {
  ExecutableDefinitionsRule,
  GraphQLError,
  KnownDirectivesRule,
  KnownFragmentNamesRule,
  LoneAnonymousOperationRule,
  NoFragmentCyclesRule,
  NoUndefinedVariablesRule,
  NoUnusedFragmentsRule,
  NoUnusedVariablesRule,
  UniqueArgumentNamesRule,
  UniqueDirectivesPerLocationRule,
  UniqueFragmentNamesRule,
  UniqueInputFieldNamesRule,
  UniqueOperationNamesRule,
  UniqueVariableNamesRule,
  type ValidationContext,
  type ValidationRule,
} from 'graphql';

/** The rules whose errors only say what the client itself wrote. */
const HARMLESS: ReadonlySet<ValidationRule> = new Set<ValidationRule>([
  ExecutableDefinitionsRule,
  KnownDirectivesRule,
  KnownFragmentNamesRule,
  LoneAnonymousOperationRule,
  NoFragmentCyclesRule,
  NoUndefinedVariablesRule,
  NoUnusedFragmentsRule,
  NoUnusedVariablesRule,
  UniqueArgumentNamesRule,
  UniqueDirectivesPerLocationRule,
  UniqueFragmentNamesRule,
  UniqueInputFieldNamesRule,
  UniqueOperationNamesRule,
  UniqueVariableNamesRule,
]);

const MESSAGE =
  'This part of the document does not fit the schema. Names are not told here: FIELD_SUGGESTIONS is off.';

/**
 * Makes of a validation rule one that finds the same errors, at the same locations, and says nothing about the schema.
 * Without this, whoever guesses names learns from each error which of them were near, and of what type the others are.
 */
export function hideSchemaNames(rule: ValidationRule): ValidationRule {
  if (HARMLESS.has(rule)) return rule;
  return (context) => {
    const reportError = ({ nodes }: GraphQLError) =>
      context.reportError(new GraphQLError(MESSAGE, { nodes: nodes ?? null }));
    return rule(Object.create(context, { reportError: { value: reportError } }) as ValidationContext);
  };
}

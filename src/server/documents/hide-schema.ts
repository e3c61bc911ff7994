import { type ExecutionResult, GraphQLError } from 'graphql';

const MESSAGE =
  'The variables or arguments do not fit the schema. Names are not told here: FIELD_SUGGESTIONS is off.';

/** Says nothing about the schema in the errors of the executor itself. Their codes must not be given yet. */
export function hideSchema(result: ExecutionResult): ExecutionResult {
  return result.errors === undefined ? result : { ...result, errors: result.errors.map(hide) };
}

function hide(error: GraphQLError): GraphQLError {
  const { originalError: cause, nodes, path, extensions } = error;
  const isOfExecutor = cause == null || cause instanceof GraphQLError;
  // Which operation of the document to execute, and whose key is refused, says nothing about the schema.
  const isHarmless = extensions['code'] !== undefined && extensions['code'] !== 'BAD_USER_INPUT';
  if (!isOfExecutor || isHarmless) return error;
  return new GraphQLError(MESSAGE, { nodes: nodes ?? null, path: path ?? null, extensions });
}

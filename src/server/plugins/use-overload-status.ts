import { type ExecutionResult, GraphQLError } from 'graphql';
import { isAsyncIterable, type Plugin } from 'graphql-yoga';

/**
 * Answers with HTTP 503 and `Retry-After` where overload is all that became of an operation, so that load balancers and
 * clients that know no GraphQL see it too. An answer with any data, or with another error, stays as it is.
 */
export function useOverloadStatus(): Plugin {
  return {
    onResultProcess({ result, setResult }) {
      if (isAsyncIterable(result) || Array.isArray(result) || !isOnlyOverload(result)) return;
      // Without `data`: a response that has it must have a status of success (GraphQL over HTTP, section 6.4.2).
      setResult({ errors: withStatus(result.errors ?? []) });
    },
  };
}

function isOnlyOverload({ data, errors = [] }: ExecutionResult): boolean {
  const hasData = Object.values(data ?? {}).some((value) => value !== null);
  return (
    !hasData && errors.length > 0 && errors.every(({ extensions }) => extensions['code'] === 'OVERLOADED')
  );
}

function withStatus(errors: readonly GraphQLError[]): readonly GraphQLError[] {
  const waitsMs = errors.map(({ extensions }) => Number(extensions['retryAfterMs'] ?? 0));
  const retryAfterS = Math.max(1, Math.ceil(Math.max(...waitsMs) / 1000));
  const http = { status: 503, headers: { 'retry-after': String(retryAfterS) } };
  return errors.map(
    ({ message, nodes, path, extensions }) =>
      new GraphQLError(message, {
        nodes: nodes ?? null,
        path: path ?? null,
        extensions: { ...extensions, http },
      }),
  );
}

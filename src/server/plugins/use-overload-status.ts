import { GraphQLError } from 'graphql';
import { isAsyncIterable, type Plugin } from 'graphql-yoga';
import { overloadStatusOf } from '../http/overload-status.ts';

/**
 * Answers with HTTP 503 and `Retry-After` where overload is all that became of an operation, so that load balancers and
 * clients that know no GraphQL see it too. An answer with any data, or with another error, stays as it is.
 */
export function useOverloadStatus(): Plugin {
  return {
    onResultProcess({ result, setResult }) {
      if (isAsyncIterable(result) || Array.isArray(result)) return;
      const http = overloadStatusOf(result);
      if (http === null) return;
      const errors = (result.errors ?? []).map(
        ({ message, nodes, path, extensions }) =>
          new GraphQLError(message, {
            nodes: nodes ?? null,
            path: path ?? null,
            extensions: { ...extensions, http },
          }),
      );
      setResult({ errors });
    },
  };
}

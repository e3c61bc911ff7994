import { GraphQLError, type GraphQLResolveInfo, responsePathAsArray } from 'graphql';
import type { Credential } from '../auth/credential.ts';
import { MissingCredentialsError } from '../auth/missing-credentials-error.ts';
import { parseCredentials } from '../auth/parse-credentials.ts';
import type { KeyFailure } from '../jobs/all-keys-failed-error.ts';
import type { JobStore } from '../jobs/job-store.ts';
import { createLoaders, type Loaders } from './loaders.ts';
import { describeFailure } from './to-graphql-error.ts';

/** What the resolvers of one request share. */
export interface GraphQLContext {
  /**
   * The request's keys, and the loaders that read with them.
   *
   * @throws {MissingCredentialsError} where there is no key.
   * @throws {InvalidCredentialsError} where the key headers cannot be read.
   */
  readonly session: () => Session;

  /** Adds the failure of one key to the `errors` of the answer, in a field that has an answer all the same. */
  readonly report: (failure: KeyFailure, info: GraphQLResolveInfo) => void;

  /** The errors that were reported. */
  readonly reported: readonly GraphQLError[];
}

export interface Session {
  readonly credentials: readonly Credential[];
  readonly loaders: Loaders;
}

/**
 * Makes the context of a request. Its keys are only read when a field needs them: introspection works without, and
 * with broken ones.
 */
export function createGraphQLContext(store: JobStore, headers: Pick<Headers, 'get'>): GraphQLContext {
  let session: Session | null = null;
  const reported: GraphQLError[] = [];
  return {
    session() {
      session ??= startSession(store, headers);
      return session;
    },
    report(failure, info) {
      const { message, extensions } = describeFailure(failure, true);
      reported.push(
        new GraphQLError(message, {
          nodes: info.fieldNodes,
          path: responsePathAsArray(info.path),
          extensions,
        }),
      );
    },
    reported,
  };
}

function startSession(store: JobStore, headers: Pick<Headers, 'get'>): Session {
  const credentials = parseCredentials(headers);
  if (credentials.length === 0) throw new MissingCredentialsError();
  return { credentials, loaders: createLoaders(store, credentials) };
}

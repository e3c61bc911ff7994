import { GraphQLError, type GraphQLResolveInfo, responsePathAsArray } from 'graphql';
import type { Credential } from '../auth/credential.ts';
import { MissingCredentialsError } from '../auth/missing-credentials-error.ts';
import { parseCredentials } from '../auth/parse-credentials.ts';
import type { KeyFailure } from '../jobs/all-keys-failed-error.ts';
import type { JobStore } from '../jobs/job-store.ts';
import { createLoaders, type LoaderOptions, type Loaders } from './loaders.ts';
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

  /** Whether the answer holds anything that is older than its ordinary freshness. */
  readonly isStale: () => boolean;
}

export interface GraphQLContextOptions {
  readonly store: JobStore;
  /** How many requests to the service an operation may cause for each key. */
  readonly maxUpstreamRequests: number;
}

export interface Session {
  readonly credentials: readonly Credential[];
  readonly loaders: Loaders;
  /** What is left of the requests of one of the keys. */
  readonly budgetOf: JobStore['budgetOf'];
}

/**
 * Makes the context of a request. Its keys are only read when a field needs them: introspection works without, and
 * with broken ones.
 */
export function createGraphQLContext(
  { store, maxUpstreamRequests }: GraphQLContextOptions,
  { headers, signal }: Pick<Request, 'headers' | 'signal'>,
): GraphQLContext {
  let session: Session | null = null;
  let isStale = false;
  const reported: GraphQLError[] = [];
  const options = {
    maxUpstreamRequests,
    startedAt: store.moment,
    mustBeFresh: wantsFresh(headers),
    signal,
    markStale() {
      isStale = true;
    },
  };
  return {
    session() {
      session ??= startSession(store, headers, options);
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
    isStale: () => isStale,
  };
}

function startSession(store: JobStore, headers: Headers, options: LoaderOptions): Session {
  const credentials = parseCredentials(headers);
  if (credentials.length === 0) throw new MissingCredentialsError();
  return { credentials, loaders: createLoaders(store, credentials, options), budgetOf: store.budgetOf };
}

/** Whether the client wants nothing from memory (RFC 9111, section 5.2.1.4). */
function wantsFresh(headers: Headers): boolean {
  const directives = (headers.get('cache-control') ?? '').toLowerCase().split(',');
  return directives.some((directive) => directive.trim() === 'no-cache');
}

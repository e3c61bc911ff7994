import { GraphQLError, type GraphQLResolveInfo, responsePathAsArray } from 'graphql';
import type { Credential } from '../auth/credential.ts';
import { MissingCredentialsError } from '../auth/missing-credentials-error.ts';
import { parseCredentials } from '../auth/parse-credentials.ts';
import type { KeyFailure } from '../jobs/keys-failed-error.ts';
import type { Pollers, PollersOptions } from '../live/pollers.ts';
import type { JobStore } from '../store/job-store.ts';
import { createLoaders, type LoaderOptions, type Loaders } from './loaders.ts';
import { describeFailure } from './to-graphql-error.ts';

/** What the resolvers of one request share. */
export interface GraphQLContext extends Watching {
  /**
   * The request's keys, and the loaders that read with them.
   *
   * @throws {MissingCredentialsError} where there is no key.
   * @throws {InvalidCredentialsError} where the key headers cannot be read.
   */
  readonly session: () => Session;

  /** Begins the next event of a subscription: what the one before it read and reported is past. */
  readonly beginEvent: () => void;

  /** Adds the failure of one key to the `errors` of the answer, in a field that has an answer all the same. */
  readonly report: (failure: KeyFailure, info: GraphQLResolveInfo) => void;

  /** The errors that were reported. */
  readonly reported: () => readonly GraphQLError[];

  /** Says that the answer holds something that is older than its ordinary freshness. */
  readonly markStale: () => void;

  /** Whether the answer holds anything that is older than its ordinary freshness. */
  readonly isStale: () => boolean;
}

/** What subscriptions watch with. */
export interface Watching extends Pick<PollersOptions, 'clock' | 'limits'> {
  readonly pollers: Pollers;
}

export interface GraphQLContextOptions extends Watching {
  readonly store: JobStore;
  /** How many requests to the service an operation may cause for each key. */
  readonly maxUpstreamRequests: number;
}

export interface Session {
  readonly credentials: readonly Credential[];
  readonly loaders: Loaders;
  /** Opens loaders with an operationBudget of their own, for the next look of a subscription. */
  readonly openLoaders: (options: Pick<LoaderOptions, 'maxAgeMs' | 'markStale'>) => Loaders;
  /** What is left of the requests of one of the keys. */
  readonly budgetOf: JobStore['budgetOf'];
}

/**
 * Makes the context of a request. Its keys are only read when a field needs them: introspection works without, and
 * with broken ones.
 */
export function createGraphQLContext(
  { store, maxUpstreamRequests, ...watching }: GraphQLContextOptions,
  { headers, signal }: Pick<Request, 'headers' | 'signal'>,
): GraphQLContext {
  let session: Session | null = null;
  let isStale = false;
  let reported: GraphQLError[] = [];

  const markStale = () => {
    isStale = true;
  };
  const openWith = (
    credentials: readonly Credential[],
    options: Pick<LoaderOptions, 'mustBeFresh' | 'maxAgeMs' | 'markStale'>,
  ) => createLoaders(store, credentials, { ...options, maxUpstreamRequests, startedSeq: store.seq, signal });

  function startSession(): Session {
    const credentials = parseCredentials(headers);
    if (credentials.length === 0) throw new MissingCredentialsError();
    return {
      credentials,
      loaders: openWith(credentials, { mustBeFresh: wantsFresh(headers), markStale }),
      openLoaders: (options) => openWith(credentials, { ...options, mustBeFresh: false }),
      budgetOf: store.budgetOf,
    };
  }

  return {
    ...watching,
    session() {
      session ??= startSession();
      return session;
    },
    beginEvent() {
      if (session !== null) session = { ...session, loaders: session.openLoaders({ markStale }) };
      isStale = false;
      reported = [];
    },
    report(failure, info) {
      const { message, extensions } = describeFailure(failure, true);
      const path = responsePathAsArray(info.path);
      reported.push(new GraphQLError(message, { nodes: info.fieldNodes, path, extensions }));
    },
    reported: () => reported,
    markStale,
    isStale: () => isStale,
  };
}

/** Whether the client wants nothing from memory (RFC 9111, section 5.2.1.4). */
function wantsFresh(headers: Headers): boolean {
  const directives = (headers.get('cache-control') ?? '').toLowerCase().split(',');
  return directives.some((directive) => directive.trim() === 'no-cache');
}

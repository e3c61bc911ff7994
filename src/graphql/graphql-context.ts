import { GraphQLError, type GraphQLResolveInfo, responsePathAsArray } from 'graphql';
import type { Credential } from '../auth/api-key.ts';
import { parseCredentials } from '../auth/parse-credentials.ts';
import type { KeyFailure } from '../jobs/keys-failed-error.ts';
import type { Abandonment } from '../lib/abandonment.ts';
import { GatewayError } from '../lib/gateway-error.ts';
import type { Tracing } from '../lib/tracing.ts';
import type { Pollers, PollersOptions } from '../live/pollers.ts';
import type { JobStore } from '../store/job-store.ts';
import type { StoreObserver } from '../store/store-event.ts';
import { ChangeWatch } from './change-watch.ts';
import { createLoaders, type LoaderOptions, type Loaders } from './loaders.ts';
import { OperationDeadline } from './operation-deadline.ts';
import { RefusalWatch } from './refusal-watch.ts';
import { describeFailure } from './to-graphql-error.ts';

/** How many ids an operation may read, in all of its fields. */
export const MAX_IDS = 500;

/** What the resolvers of one request share. It lives as long as the request. */
export interface GraphQLContext extends Watching {
  /**
   * The request's keys, and the loaders that read with them.
   *
   * @throws {GatewayError} `missing-key` if the request has no key.
   * @throws {GatewayError} `invalid-input` if a key header is invalid.
   */
  readonly session: () => Session;

  /**
   * Begins the next event of a subscription: forgets what the event before it read and reported, and finds out which
   * keys were refused in between.
   */
  readonly beginEvent: () => void;

  /**
   * Lets the next `beginEvent` begin the same event once more: with what was read for it, unless a key was refused. So
   * nothing is read twice.
   */
  readonly repeatEvent: () => void;

  /**
   * Prepares to execute the operation again: forgets what it reported, and what it read with keys that are refused
   * since. What it read with other keys is cached, and counts as read for this operation.
   */
  readonly restart: () => void;

  /**
   * Prepares to execute the operation once more with what was read for it: forgets what it reported. What was stale stays so:
   * nothing is read again that could tell.
   */
  readonly rewind: () => void;

  /**
   * Whether the qBraid API refused one of the keys since the last call, or since the operation began. What was read
   * with that key before must not be shown.
   */
  readonly findRefusal: () => boolean;

  /** The same, but the next call of `findRefusal` says so, too. */
  readonly isRefused: () => boolean;

  /** Counts ids that are about to be read. Returns whether the operation may read so many, with those before. */
  readonly takeIds: (count: number) => boolean;

  /** Adds the failure of one key to the `errors` of the answer. The field keeps its value. */
  readonly report: (failure: KeyFailure, info: GraphQLResolveInfo) => void;

  /** The errors that were reported until now. */
  readonly reported: () => readonly GraphQLError[];

  /** Notes that something in the answer is older than its ordinary freshness. */
  readonly markStale: () => void;

  /** Notes that the answer, or the event, is complete: no deadline ends it any more. */
  readonly complete: () => void;

  /** Whether anything in the answer is older than its ordinary freshness. */
  readonly isStale: () => boolean;

  /** Until when all that was read for the answer, or the event, is ordinarily fresh, by `Clock.now`: infinity where nothing was. */
  readonly freshUntilMs: () => number;
}

/** What subscriptions need in order to watch. */
export interface Watching extends Pick<PollersOptions, 'clock'> {
  readonly pollers: Pollers;
}

export interface GraphQLContextOptions extends Watching {
  readonly store: JobStore;
  /** How many upstream requests an operation may cause for each key. */
  readonly maxUpstreamRequests: number;
  /** How long an operation, or an event of a subscription, may take, in milliseconds. */
  readonly timeoutMs: number;
  /** See `ReadScope.staleIfErrorMs`. */
  readonly staleIfErrorMs: number;
  readonly tracing: Tracing;
  /** @default nobody */
  readonly observer?: OperationObserver | undefined;
}

/** Hears what one operation does. Must not throw. */
export interface OperationObserver {
  /** The keys of the request were read. */
  readonly keysRead: (credentials: readonly Credential[]) => void;
  /** What became of one read. */
  readonly jobsRead: StoreObserver;
}

/** What the context needs to know of its request. */
export interface RequestFacts {
  readonly headers: Pick<Headers, 'get'>;
  /** Aborts when the client leaves. */
  readonly signal: Abandonment;
  /** Gives the keys, where somebody has read them already. @default reads the headers */
  readonly readCredentials?: () => readonly Credential[];
}

export interface Session {
  readonly credentials: readonly Credential[];
  /** Where the keys came from: see `ReadScope.client`. */
  readonly client: string;
  readonly loaders: Loaders;
  /**
   * Opens loaders with an operation budget of their own, for the next poll of a subscription. They stop with `deadline`,
   * where given, instead of with the request.
   */
  readonly openLoaders: (
    options: Pick<LoaderOptions, 'maxAgeMs' | 'markStale'> & Partial<Pick<LoaderOptions, 'deadline'>>,
  ) => Loaders;
  /** Opens the loaders of the next event of a subscription, which has a deadline of its own. */
  readonly openEventLoaders: () => Loaders;
  /** The keys that were refused while the operation ran. */
  readonly refusals: RefusalWatch;
  /** Whether anything was read with the keys since the operation, or its event, began. */
  readonly changes: ChangeWatch;
  /** How many requests a key has left. Sends nothing. */
  readonly budgetOf: JobStore['budgetOf'];
}

const NO_KEY =
  'A qBraid API key is required, got none: send it as the X-API-KEY header, or several as X-API-KEYS.';

/**
 * Makes the context of a request. Its keys are read when a field first needs them: introspection works without keys,
 * and with malformed ones.
 *
 * @param request its signal aborts when the client leaves.
 * @param client where the request came from: see `ReadScope.client`.
 */
export function createGraphQLContext(
  {
    store,
    maxUpstreamRequests,
    timeoutMs,
    staleIfErrorMs,
    tracing,
    observer,
    ...watching
  }: GraphQLContextOptions,
  request: RequestFacts,
  client: string,
): GraphQLContext {
  const startedSeq = store.seq;
  const { headers, readCredentials = () => parseCredentials(headers) } = request;
  const { clock } = watching;
  const openDeadline = () => new OperationDeadline({ clock, timeoutMs, client: request });
  let deadline: OperationDeadline | null = null;
  let session: Session | null = null;
  let isStale = false;
  let isRepeated = false;
  let freshUntilMs = Number.POSITIVE_INFINITY;
  let reported: GraphQLError[] = [];
  let ids = 0;

  const markStale = () => {
    isStale = true;
  };
  const noteFreshUntil = (atMs: number) => {
    freshUntilMs = Math.min(freshUntilMs, atMs);
  };
  const rewind = () => {
    reported = [];
    ids = 0;
  };
  const forgetRun = () => {
    isStale = false;
    rewind();
  };
  const shared = {
    client,
    maxUpstreamRequests,
    clock,
    tracing,
    noteFreshUntil,
    observe: observer?.jobsRead,
  };
  const openWith = (
    credentials: readonly Credential[],
    options: Pick<
      LoaderOptions,
      'maxAgeMs' | 'markStale' | 'mustBeFresh' | 'startedSeq' | 'staleIfErrorMs' | 'deadline'
    >,
  ) => createLoaders(store, credentials, { ...options, ...shared });
  const openFirst = (credentials: readonly Credential[]) =>
    openWith(credentials, {
      mustBeFresh: wantsFresh(headers),
      startedSeq,
      staleIfErrorMs,
      deadline: deadline ?? undefined,
      markStale,
    });

  function startSession(): Session {
    const credentials = readCredentials();
    observer?.keysRead(credentials);
    if (credentials.length === 0) throw new GatewayError('missing-key', NO_KEY);
    deadline = openDeadline();
    return {
      credentials,
      client,
      loaders: openFirst(credentials),
      openLoaders: (options) =>
        openWith(credentials, { deadline: request, ...options, mustBeFresh: false, startedSeq: store.seq }),
      openEventLoaders() {
        deadline?.stop();
        deadline = openDeadline();
        const own = { mustBeFresh: false, startedSeq: store.seq, deadline };
        return openWith(credentials, { ...own, staleIfErrorMs, markStale });
      },
      refusals: new RefusalWatch(store, credentials),
      changes: new ChangeWatch(store, credentials),
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
      const isSame = isRepeated && !session?.refusals.hasNew;
      isRepeated = false;
      if (isSame) return rewind();
      if (session !== null) {
        const changes = new ChangeWatch(store, session.credentials);
        session = { ...session, loaders: session.openEventLoaders(), changes };
      }
      session?.refusals.findNew();
      freshUntilMs = Number.POSITIVE_INFINITY;
      forgetRun();
    },
    repeatEvent() {
      isRepeated = true;
    },
    restart() {
      if (session !== null) session = { ...session, loaders: openFirst(session.credentials) };
      forgetRun();
    },
    rewind,
    findRefusal: () => session?.refusals.findNew() ?? false,
    isRefused: () => session?.refusals.hasNew ?? false,
    takeIds(count) {
      ids += count;
      return ids <= MAX_IDS;
    },
    report(failure, info) {
      const { message, extensions } = describeFailure(failure, true);
      const path = responsePathAsArray(info.path);
      reported.push(new GraphQLError(message, { nodes: info.fieldNodes, path, extensions }));
    },
    reported: () => reported,
    complete: () => deadline?.stop(),
    markStale,
    isStale: () => isStale,
    freshUntilMs: () => freshUntilMs,
  };
}

/** Whether the client refuses cached answers (RFC 9111, section 5.2.1.4). */
function wantsFresh(headers: RequestFacts['headers']): boolean {
  const directives = (headers.get('cache-control') ?? '').toLowerCase().split(',');
  return directives.some((directive) => directive.trim() === 'no-cache');
}

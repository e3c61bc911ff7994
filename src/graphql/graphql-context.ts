import { GraphQLError, type GraphQLResolveInfo, responsePathAsArray } from 'graphql';
import type { Credential } from '../auth/api-key.ts';
import type { KeyRings } from '../auth/key-rings.ts';
import { parseCredentials } from '../auth/parse-credentials.ts';
import type { KeyFailure } from '../jobs/keys-failed-error.ts';
import type { Seq, Stamp } from '../jobs/seq.ts';
import type { Abandonment } from '../lib/abandonment.ts';
import { GatewayError } from '../lib/gateway-error.ts';
import type { Span, Tracing } from '../lib/tracing.ts';
import type { Turns } from '../lib/turns.ts';
import type { Pollers, PollersOptions } from '../live/pollers.ts';
import type { JobStore } from '../store/job-store.ts';
import type { StoreEvent } from '../store/store-event.ts';
import { createLoaders, type Loaders } from './loaders.ts';
import { OperationDeadline, type OperationDeadlines } from './operation-deadline.ts';
import { OperationSession, type PollOptions, type Session } from './session.ts';
import { describeFailure } from './to-graphql-error.ts';

/** How many ids an operation may read, in all of its fields. */
export const MAX_IDS = 500;

/** What the resolvers of one request share. It lives as long as the request. */
export interface GraphQLContext extends Watching {
  /**
   * The request's keys, and the loaders that read with them.
   *
   * @throws {GatewayError} `missing-key` if the request has no key.
   * @throws {GatewayError} `unknown-token` if its token is of no key ring.
   * @throws {GatewayError} `invalid-input` if a key header is invalid.
   */
  readonly session: () => Session;

  /**
   * Begins the next event of a subscription: forgets what the event before it read and reported, and finds out which
   * keys were refused in between.
   */
  readonly beginEvent: () => void;

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

  /** Whether the next call of `findRefusal` will say so, or `isWithdrawn` does. */
  readonly isRefused: () => boolean;

  /** Whether anything else is known with its keys than when the operation began. */
  readonly hasChanged: () => boolean;

  /** Whether the key ring of the request was withdrawn since its keys were read. Nothing must be shown then. */
  readonly isWithdrawn: () => boolean;

  /** @throws {GatewayError} `mutations-disabled` unless whoever runs the gateway has turned mutations on. */
  readonly assertMutations: () => void;

  /**
   * What a field that changes something gave, however often the operation is executed: it acts once. What is selected of it is
   * read anew each time.
   */
  readonly once: <T>(info: Pick<GraphQLResolveInfo, 'path'>, act: () => Promise<T>) => Promise<T>;

  /** Waits for a turn of the event loop that nobody else has who takes long. */
  readonly takeTurn: () => Promise<void>;

  /** Counts ids that are about to be read. Returns whether the operation may read so many, with those before. */
  readonly takeIds: (count: number) => boolean;

  /** Adds the failure of one key to the `errors` of the answer. The field keeps its value. */
  readonly report: (failure: KeyFailure, info: GraphQLResolveInfo) => void;

  /** The errors that were reported until now. */
  readonly reported: () => readonly GraphQLError[];

  /** Notes that something in the answer is older than its ordinary freshness. */
  readonly markStale: () => void;

  /** Notes that a key gave nothing for the answer, whether that stands in its `errors` or in its data. */
  readonly markPartial: () => void;

  /** Notes that the answer, or the event, is complete: no deadline ends it any more. */
  readonly complete: () => void;

  /** Whether anything in the answer is older than its ordinary freshness. */
  readonly isStale: () => boolean;

  /** Whether a key gave nothing for the answer, or the event. */
  readonly isPartial: () => boolean;

  /** Until when all that was read for the answer, or the event, is ordinarily fresh, by `Clock.now`: infinity where nothing was. */
  readonly freshUntilMs: () => number;

  /** When the oldest was read of all that was read for the answer, or the event: null where nothing was. */
  readonly oldestSeq: () => Seq | null;
}

/** What subscriptions need in order to watch. */
export interface Watching extends Pick<PollersOptions, 'clock'> {
  readonly pollers: Pollers;
}

export interface GraphQLContextOptions extends Watching {
  readonly store: JobStore;
  /** The key rings that requests may use; null is none. */
  readonly keyRings: KeyRings | null;
  /** How many upstream requests an operation may cause for each key. */
  readonly maxUpstreamRequests: number;
  /** Whether jobs may be changed. */
  readonly mutations: boolean;
  /** Ends operations, and events of subscriptions, that take too long. */
  readonly deadlines: OperationDeadlines;
  /** See `ReadScope.staleIfErrorMs`. */
  readonly staleIfErrorMs: number;
  /** For what takes long in each of many operations. */
  readonly turns: Turns;
  readonly tracing: Tracing;
}

/** Hears what one operation does. Must not throw. */
export interface OperationObserver {
  /** The keys of the request were read. */
  keysRead(credentials: readonly Credential[]): void;
  /** What became of one read. */
  jobsRead(event: StoreEvent): void;
}

/** What the context needs to know of its request. */
export interface RequestFacts {
  readonly headers: Pick<Headers, 'get'>;
  /** Aborts when the client leaves. */
  readonly signal: Abandonment;
  /** Where the request came from: see `ReadScope.client`. */
  readonly client: string;
  /** See `ReadScope.requestId`. */
  readonly requestId: string | undefined;
  /** What its reads are parts of: asked for when it begins to read. @default traces of their own */
  readonly span?: Span | null | undefined;
  /** @default nobody */
  readonly observer?: OperationObserver | undefined;
  /** Gives the keys, where somebody has read them already. @default reads the headers */
  readonly readCredentials?: () => readonly Credential[];
}

const NO_KEY =
  'A qBraid API key is required, got none: send it as the X-API-KEY header, or several as X-API-KEYS.';
const OR_TOKEN = 'The token of a key ring serves, too: send it as Authorization: Bearer <token>.';

const NO_MUTATIONS = 'This gateway only reads: whoever runs it has to set ENABLE_MUTATIONS=true.';

/**
 * Makes the context of a request. Its keys are read when a field first needs them: introspection works without keys,
 * and with malformed ones.
 */
export function createGraphQLContext(options: GraphQLContextOptions, request: RequestFacts): GraphQLContext {
  return new OperationContext(options, request);
}

/** The same with methods of its own: into its context, Yoga copies only what an object has itself. */
export function withOwnMethods(context: GraphQLContext): GraphQLContext {
  const { pollers, clock } = context;
  const methods = METHODS.map((name) => [name, (context[name] as () => unknown).bind(context)]);
  return { pollers, clock, ...Object.fromEntries(methods) } as GraphQLContext;
}

const NO_ERRORS: readonly GraphQLError[] = [];

/** One is made for each request that no kept answer is given to: what it may not need is made when it is asked for. */
class OperationContext implements GraphQLContext {
  readonly pollers: Pollers;
  readonly clock: Watching['clock'];
  readonly #options: GraphQLContextOptions;
  readonly #request: RequestFacts;
  #startedSeq: Seq;
  #deadline: OperationDeadline | null = null;
  #session: OperationSession | null = null;
  #isStale = false;
  #isPartial = false;
  #mustBeFresh: boolean;
  #freshUntilMs = Number.POSITIVE_INFINITY;
  #oldestSeq: Seq | null = null;
  #reported = NO_ERRORS;
  #ids = 0;
  /** By the name that the field has in the answer. */
  #acts: Map<string | number, Promise<unknown>> | null = null;

  constructor(options: GraphQLContextOptions, request: RequestFacts) {
    this.pollers = options.pollers;
    this.clock = options.clock;
    this.#options = options;
    this.#request = request;
    this.#startedSeq = options.store.seq;
    this.#mustBeFresh = wantsFresh(request.headers);
  }

  session(): Session {
    this.#session ??= this.#startSession();
    return this.#session;
  }

  beginEvent(): void {
    if (this.#session !== null) {
      this.#deadline?.stop();
      this.#deadline = new OperationDeadline(this.#options.deadlines, this.#request);
      this.#startedSeq = this.#options.store.seq;
      this.#mustBeFresh = false;
      this.#session.refusals.findNew();
      this.#session.begin();
    }
    this.#freshUntilMs = Number.POSITIVE_INFINITY;
    this.#oldestSeq = null;
    this.#forgetRun();
  }

  restart(): void {
    this.#session?.forgetLoaders();
    this.#forgetRun();
  }

  rewind(): void {
    this.#reported = NO_ERRORS;
    this.#isPartial = false;
    this.#ids = 0;
  }

  findRefusal(): boolean {
    return this.#session?.refusals.findNew() ?? false;
  }

  isRefused(): boolean {
    return this.isWithdrawn() || (this.#session?.refusals.hasNew ?? false);
  }

  hasChanged(): boolean {
    return this.#session?.changes.hasChanged ?? false;
  }

  takeTurn(): Promise<void> {
    return this.#options.turns.take();
  }

  isWithdrawn(): boolean {
    return this.#session?.withdrawal?.aborted ?? false;
  }

  assertMutations(): void {
    if (!this.#options.mutations) throw new GatewayError('mutations-disabled', NO_MUTATIONS);
  }

  once<T>({ path }: Pick<GraphQLResolveInfo, 'path'>, act: () => Promise<T>): Promise<T> {
    this.#acts ??= new Map();
    const outcome = (this.#acts.get(path.key) as Promise<T> | undefined) ?? act();
    this.#acts.set(path.key, outcome);
    return outcome;
  }

  takeIds(count: number): boolean {
    this.#ids += count;
    return this.#ids <= MAX_IDS;
  }

  report(failure: KeyFailure, info: GraphQLResolveInfo): void {
    const { message, extensions } = describeFailure(failure, true);
    const path = responsePathAsArray(info.path);
    const error = new GraphQLError(message, { nodes: info.fieldNodes, path, extensions });
    this.#reported = [...this.#reported, error];
  }

  reported(): readonly GraphQLError[] {
    return this.#reported;
  }

  complete(): void {
    this.#deadline?.stop();
    // A stream waits for long until its next event begins.
    this.#deadline = null;
  }

  markStale(): void {
    this.#isStale = true;
  }

  isStale(): boolean {
    return this.#isStale;
  }

  markPartial(): void {
    this.#isPartial = true;
  }

  isPartial(): boolean {
    return this.#isPartial;
  }

  freshUntilMs(): number {
    return this.#freshUntilMs;
  }

  oldestSeq(): Seq | null {
    return this.#oldestSeq;
  }

  #startSession(): OperationSession {
    const request = this.#request;
    const { store, keyRings } = this.#options;
    const credentials = request.readCredentials?.() ?? parseCredentials(request.headers, keyRings);
    request.observer?.keysRead(credentials);
    if (credentials.length === 0)
      throw new GatewayError('missing-key', keyRings === null ? NO_KEY : `${NO_KEY} ${OR_TOKEN}`);
    this.#deadline = new OperationDeadline(this.#options.deadlines, request);
    return new OperationSession(credentials, {
      store,
      client: request.client,
      open: () => this.#openLoaders(credentials),
      openForPoll: (options) => this.#openPollLoaders(credentials, options),
    });
  }

  #openLoaders(credentials: readonly Credential[]): Loaders {
    const { store, staleIfErrorMs, maxUpstreamRequests, clock, tracing } = this.#options;
    return createLoaders(store, credentials, {
      startedSeq: this.#startedSeq,
      mustBeFresh: this.#mustBeFresh,
      maxAgeMs: undefined,
      staleIfErrorMs,
      client: this.#request.client,
      requestId: this.#request.requestId,
      span: this.#request.span,
      deadline: this.#deadline ?? undefined,
      markStale: this.#markStale,
      noteReading: this.#noteReading,
      observe: this.#observe,
      maxUpstreamRequests,
      clock,
      tracing,
    });
  }

  #openPollLoaders(credentials: readonly Credential[], { since, ...own }: PollOptions): Loaders {
    const { store, maxUpstreamRequests, clock, tracing } = this.#options;
    return createLoaders(store, credentials, {
      ...own,
      startedSeq: since ?? store.seq,
      mustBeFresh: false,
      isOfNow: true,
      // A view says itself whether it is stale.
      markStale() {},
      client: this.#request.client,
      requestId: this.#request.requestId,
      span: this.#request.span,
      observe: this.#observe,
      maxUpstreamRequests,
      clock,
      tracing,
    });
  }

  #forgetRun(): void {
    this.#isStale = false;
    this.rewind();
  }

  readonly #observe = (event: StoreEvent): void => this.#request.observer?.jobsRead(event);

  readonly #markStale = (): void => {
    this.#isStale = true;
  };

  readonly #noteReading = ({ seq, atMs }: Stamp, freshMs: number): void => {
    if (atMs + freshMs < this.#freshUntilMs) this.#freshUntilMs = atMs + freshMs;
    if (this.#oldestSeq === null || seq < this.#oldestSeq) this.#oldestSeq = seq;
  };
}

/** The names of the methods of a context. */
const METHODS = Object.getOwnPropertyNames(OperationContext.prototype).filter(
  (name) => name !== 'constructor',
) as (keyof GraphQLContext)[];

/** Whether the client refuses cached answers (RFC 9111, section 5.2.1.4). */
function wantsFresh(headers: RequestFacts['headers']): boolean {
  const directives = (headers.get('cache-control') ?? '').toLowerCase().split(',');
  return directives.some((directive) => directive.trim() === 'no-cache');
}

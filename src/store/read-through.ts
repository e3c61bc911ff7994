import type { ApiKey } from '../auth/api-key.ts';
import { isDisruption, isFailure, isHeld } from '../jobs/failures.ts';
import { latest, NEVER, type Seq } from '../jobs/seq.ts';
import { type Span, WHOLE } from '../jobs/span.ts';
import type { Abandonment } from '../lib/abandonment.ts';
import type { Clock } from '../lib/clock.ts';
import { Deadlines } from '../lib/deadlines.ts';
import { GatewayError } from '../lib/gateway-error.ts';
import type { Asker } from '../upstream/qbraid-client.ts';
import type { UpstreamError } from '../upstream/upstream-error.ts';
import type { Permit, UpstreamPort } from './admission/upstream-port.ts';
import type { Cached, When } from './cache/partitioned-cache.ts';
import { type Age, ageOf } from './freshness.ts';
import { InFlight, type InFlightRequest, type Run } from './in-flight.ts';
import type { Reader, ReadScope } from './read-scope.ts';
import type { StoreObserver } from './store-event.ts';
import { tellObservers } from './tell-observers.ts';

/**
 * A kind of thing that is read from upstream. It says only what differs from all others.
 *
 * @typeParam Subject What is asked for, such as a QRN.
 * @typeParam Answer What upstream says of it.
 * @typeParam Entry What the cache makes of that.
 */
export interface Resource<Subject, Answer, Entry extends Cached<unknown>> {
  /** What events and requests call it: no two resources have the same name. */
  readonly name: string;

  /** The name of a subject, the same for the same subject. */
  nameOf(subject: Subject): string;

  /** What subjects whose answers may hold each other have in common. @default its name */
  groupOf?(subject: Subject): string;

  /** Which part of what its group has in common a subject is. @default all of it */
  spanOf?(subject: Subject): Span;

  /** Whether the answer about one subject of a group holds the answer about another. @default always */
  covers?(inFlight: Subject, wanted: Subject): boolean;

  /** What an entry about one subject tells of another that it covers. @default the entry */
  narrow?(entry: Entry, wanted: Subject): Entry;

  /** How long an entry is ordinarily fresh, in milliseconds. */
  freshMs(entry: Entry): number;

  /** Whether an entry tells anything once it is old. @default always */
  mayBeStale?(entry: Entry): boolean;

  /** What the cache has of the very same subject, as answers say it: an answer that says the same need not be decoded. */
  former?(partition: number, subject: Subject): Answer | null;

  /** One request. */
  fetch(key: ApiKey, subject: Subject, asker: Asker, former: Answer | null): Promise<Answer>;

  /** Whether a failure says how the subject stands to the key, and is to be cached as an answer. @default never */
  isAnswer?(error: UpstreamError): boolean;

  /**
   * Whether something else may have been shown since an entry was asked for: then it serves those who had begun by then, and else only
   * stands in for a failure. @default never
   */
  isOutdated?(entry: Entry): boolean;

  /** When clients changed a subject last: no request is joined that was sent before then. @default they never do */
  changedSeq?(partition: number, subject: Subject): Seq;

  /**
   * What `lookup` begins with, as it was read: without what is known of its parts by now, for which `lookup` may give nothing. It
   * tells when that was, and is given to nobody. @default what `lookup` gives
   */
  find?(partition: number, subject: Subject, since: Seq): Entry | null;

  /** What the cache has of a subject that was asked for after `since`, and since clients changed it. */
  lookup(partition: number, subject: Subject, since: Seq): Entry | null;

  /** Leaves an answer in the cache, and gives the entry. */
  keep(partition: number, subject: Subject, answer: Answer | UpstreamError, when: When): Entry;
}

/** Reads one resource through the cache. */
export interface ReadThrough<Subject, Entry> {
  /** What the cache has, if it is fresh enough for the reader. Asks nobody. */
  peek(reader: Reader, subject: Subject, since?: Seq): Entry | null;

  /**
   * What the cache has, if it is fresh enough; else what a request in flight brings; else what a request of its own
   * brings; else, where these fail for a while or take long, what the cache has: see `orStale`.
   *
   * @param since Only what was asked for after then will do. @default NEVER
   * @throws {UpstreamError} where there is no answer.
   * @throws {GatewayError} `too-expensive` where the operation has no more requests, or asks the cache alone.
   */
  read(reader: Reader, subject: Subject, since?: Seq): Promise<Entry>;

  /** The same, but only what is ordinarily fresh will do. */
  readFresh(reader: Reader, subject: Subject): Promise<Entry>;

  /** The same, but only what is fresh enough will do. */
  readCurrent(reader: Reader, subject: Subject): Promise<Entry>;

  /**
   * What `reading` brings. Where it fails because the key may not ask, what the cache has, however old. Where it fails
   * because upstream is in trouble, or takes longer than two seconds, what the cache has within `staleIfErrorMs`. A
   * reading that takes long goes on, so that its answer serves whoever comes next.
   *
   * @param show Makes of an entry what `reading` would bring.
   */
  orStale<T>(
    reader: Reader,
    subject: Subject,
    reading: Promise<T>,
    show: (entry: Entry) => T,
    since?: Seq,
  ): Promise<T>;
}

export interface ReadThroughOptions {
  readonly port: UpstreamPort;
  readonly clock: Clock;
  readonly observe: StoreObserver;
}

/** What takes longer than this, in milliseconds, is slow: what is cached is shown in its place. */
const SLOW_MS = 2000;

/** Makes the pipeline of a resource: look up, join, admit, send, keep. */
export function createReadThrough<Subject, Answer, Entry extends Cached<unknown>>(
  resource: Resource<Subject, Answer, Entry>,
  { port, clock, observe }: ReadThroughOptions,
): ReadThrough<Subject, Entry> {
  const requests = new InFlight<Wanted<Subject>, Entry>();
  const slowReads = new Deadlines<SlowRead>({
    clock,
    timeoutMs: SLOW_MS,
    onDue: (read) => read.showStale(),
  });
  const tell = tellObservers(resource.name, observe);
  const { find = resource.lookup } = resource;

  /** What the cache has, if its age will do. */
  function lookup(
    reader: Reader,
    subject: Subject,
    since: Seq,
    accepts: (age: Age, entry: Entry) => boolean,
  ) {
    const { partition } = reader.account;
    const found = find(partition, subject, since);
    if (found === null) return null;
    const age = ageFor(reader, found);
    if (!accepts(age, found)) return null;
    const entry = resource.find === undefined ? found : resource.lookup(partition, subject, since);
    if (entry === null) return null;
    if (age !== 'fresh') reader.scope.markStale();
    noteReading(reader, entry);
    tell(age === 'fresh' ? 'hit' : 'stale', reader.scope);
    return entry;
  }

  /** What the cache has, if it is old but may be shown, up to so long after its freshness has ended. */
  function lookupStale(reader: Reader, subject: Subject, since: Seq, maxStaleMs: number) {
    if (!(reader.scope.mayBeStale ?? true)) return null;
    const nowMs = clock.now();
    return lookup(reader, subject, since, (_, entry) => {
      const ageMs = nowMs - entry.read.atMs;
      return ageMs <= resource.freshMs(entry) + maxStaleMs && (resource.mayBeStale?.(entry) ?? true);
    });
  }

  /** Does not look where nothing could be found: hundreds of reads may wait at once. */
  function mayShowWhenSlow({ account, scope }: Reader, subject: Subject, since: Seq): boolean {
    const { staleIfErrorMs = 0, mayBeStale = true, mustBeFresh } = scope;
    if (staleIfErrorMs === 0 || !mayBeStale || mustBeFresh) return false;
    return find(account.partition, subject, since) !== null;
  }

  function orStale<T>(
    reader: Reader,
    subject: Subject,
    reading: Promise<T>,
    show: (entry: Entry) => T,
    since: Seq = NEVER,
  ): Promise<T> {
    const showInstead = (error: unknown): T => {
      const maxStaleMs = maxStaleMsAfter(error, reader.scope);
      const stale = maxStaleMs === null ? null : lookupStale(reader, subject, since, maxStaleMs);
      if (stale === null) throw error;
      return show(stale);
    };
    if (!mayShowWhenSlow(reader, subject, since)) return reading.catch(showInstead);
    return new Promise((resolve, reject) => {
      const slow: SlowRead = {
        showStale() {
          const stale = lookupStale(reader, subject, since, reader.scope.staleIfErrorMs ?? 0);
          if (stale !== null) resolve(show(stale));
        },
      };
      const deadline = slowReads.start(slow);
      reading.then(
        (value) => {
          deadline.stop();
          resolve(value);
        },
        (error: unknown) => {
          deadline.stop();
          try {
            resolve(showInstead(error));
          } catch (thrown) {
            reject(thrown);
          }
        },
      );
    });
  }

  /** Joins a request in flight, or sends one. */
  async function ask(reader: Reader, subject: Subject, since: Seq): Promise<Entry> {
    const { account, scope } = reader;
    if (scope.onlyIfCached) throw notCached();
    const signal = scope.deadline?.signal;
    signal?.throwIfAborted();
    const { partition } = account;
    const known = find(partition, subject, NEVER);
    // Nobody is shown an answer that may be older than the one that was there to be shown, than what a client changed, or than what
    // others have shown.
    const wanted: Wanted<Subject> = {
      subject,
      group: resource.groupOf?.(subject) ?? resource.nameOf(subject),
      since: latest(since, changedSeqOf(partition, subject), known?.read.seq ?? NEVER, account.missedSeq),
      mayUseReserve: scope.mustBeFresh,
      isFirst: scope.operationBudget.isUnspent,
    };
    const group = `${partition} ${wanted.group}`;
    const joinable = requests.find(group, (request) => serves(request, wanted));
    if (joinable !== null) tell('joined', scope);
    // One who may cause no more requests starts none: nobody else has to hear of it.
    else scope.operationBudget.spend();
    const request = joinable ?? requests.start(group, wanted, (run) => send(reader, wanted, run));
    const landed = await request.join(signal);
    const stands = resource.lookup(account.partition, subject, since);
    const entry =
      stands === null || isOutdatedFor(reader, stands)
        ? (resource.narrow?.(landed, subject) ?? landed)
        : stands;
    // A client changed it while the request was under way: its answer is of no use to anybody.
    if (entry.askedSeq <= changedSeqOf(account.partition, subject)) return ask(reader, subject, since);
    // The request that was joined has been overtaken by what others were shown. One who may cause no more takes it as stale.
    if (isOutdatedFor(reader, entry) && scope.operationBudget.left > 0) return ask(reader, subject, since);
    // An older answer may have known better, and stands.
    if (ageFor(reader, entry) !== 'fresh') scope.markStale();
    noteReading(reader, entry);
    return entry;
  }

  /** Whether others may have been shown something else by the time at which an operation began. */
  function isOutdatedFor({ scope }: Reader, entry: Entry): boolean {
    return entry.askedSeq <= scope.startedSeq && isOutdated(entry);
  }

  function isOutdated(entry: Entry): boolean {
    return resource.isOutdated?.(entry) ?? false;
  }

  function ageFor(reader: Reader, entry: Entry): Age {
    if (reader.scope.isOfNow ? isOutdated(entry) : isOutdatedFor(reader, entry)) return 'old';
    return ageOf(entry, resource.freshMs(entry), reader, clock.now());
  }

  function changedSeqOf(partition: number, subject: Subject): Seq {
    return resource.changedSeq?.(partition, subject) ?? NEVER;
  }

  /** What is outdated serves nobody who came after it was asked for: to others it is as old as that. */
  function noteReading({ scope }: Reader, entry: Entry): void {
    const { askedSeq, read } = entry;
    const since = isOutdated(entry) ? { ...read, seq: askedSeq } : read;
    scope.noteReading?.(since, resource.freshMs(entry));
  }

  function serves(
    { subject: inFlight, askedSeq }: InFlightRequest<Wanted<Subject>, Entry>,
    wanted: Wanted<Subject>,
  ): boolean {
    if (!(resource.covers?.(inFlight.subject, wanted.subject) ?? true)) return false;
    if (askedSeq !== null) return askedSeq > wanted.since;
    // What waits for admission may be refused for lack of a reserve, or served by whatever is late enough for it.
    return (inFlight.mayUseReserve || !wanted.mayUseReserve) && inFlight.since >= wanted.since;
  }

  async function send(reader: Reader, wanted: Wanted<Subject>, run: Run): Promise<Entry> {
    const { subject } = wanted;
    const entered = enter(reader, wanted, run.signal);
    const permit = entered instanceof Promise ? await entered : entered;
    if ('served' in permit) return permit.served;

    // The one of when it is sent: a refusal that came while it waited is not about its answer, and one that comes later is.
    const { partition } = reader.account;
    const { askedSeq } = permit;
    const signal = permit.isShared === true ? undefined : run.signal;
    const { requestId, span } = reader.scope;
    const asker = { signal, requestId, span };
    const former = resource.former?.(partition, subject) ?? null;
    const fetch = () => resource.fetch(reader.key, subject, asker, former);
    const sentAtMs = clock.now();
    let answer: Answer | UpstreamError;
    try {
      run.sent(askedSeq);
      tell('sent', reader.scope);
      answer = await fetch().catch(async (error: unknown) => {
        if (!(await mayFetchAgain(reader, permit, error))) throw error;
        return fetch();
      });
    } catch (error) {
      if (!(isFailure(error) && resource.isAnswer?.(error))) {
        tell('failed', reader.scope, clock.now() - sentAtMs);
        throw permit.failed(error);
      }
      answer = error;
    }
    tell('landed', reader.scope, clock.now() - sentAtMs);
    const landed = permit.landed(answer);
    const read = landed instanceof Promise ? await landed : landed;
    return resource.keep(partition, subject, answer, { askedSeq, read });
  }

  /** A request is sent once more, at once, where its connection was lost before the answer began. */
  async function mayFetchAgain({ scope }: Reader, permit: Permit, error: unknown): Promise<boolean> {
    const isLost = isFailure(error) && error.facts.isConnectionLost === true;
    if (!isLost || scope.operationBudget.left === 0 || !(await permit.retry())) return false;
    scope.operationBudget.spend();
    return true;
  }

  /** Waits for admission, if need be. What is not sent does not count against the operation. */
  function enter(reader: Reader, wanted: Wanted<Subject>, signal: Abandonment) {
    const { key, account, scope } = reader;
    const { subject, group, since, mayUseReserve, isFirst } = wanted;
    const refused = (error: unknown): never => {
      scope.operationBudget.refund();
      tell('refused', scope);
      throw error;
    };
    try {
      const entered = port.enter({
        key,
        account,
        client: scope.client,
        subject: `${resource.name} ${resource.nameOf(subject)}`,
        about: {
          resource: resource.name,
          what: subject,
          group,
          span: resource.spanOf?.(subject) ?? WHOLE,
        },
        since,
        isFirst,
        mayUseReserve,
        lookup() {
          const entry = resource.lookup(account.partition, subject, since);
          if (entry === null) return null;
          return ageFor(reader, entry) === 'old' ? null : entry;
        },
        signal,
      });
      if (!(entered instanceof Promise)) return entered;
      return entered.then((permit) => {
        if ('served' in permit) scope.operationBudget.refund();
        return permit;
      }, refused);
    } catch (error) {
      return refused(error);
    }
  }

  const peek = (reader: Reader, subject: Subject, since: Seq = NEVER) =>
    lookup(reader, subject, since, (age) => age !== 'old');

  return {
    peek,

    read(reader, subject, since = NEVER) {
      const entry = peek(reader, subject, since);
      if (entry !== null) return Promise.resolve(entry);
      return orStale(reader, subject, ask(reader, subject, since), (asked) => asked, since);
    },

    readCurrent(reader, subject) {
      const entry = peek(reader, subject);
      return entry === null ? ask(reader, subject, NEVER) : Promise.resolve(entry);
    },

    orStale,

    readFresh(reader, subject) {
      const entry = lookup(reader, subject, NEVER, (age) => age === 'fresh');
      return entry === null ? ask(reader, subject, NEVER) : Promise.resolve(entry);
    },
  };
}

/** How long after its freshness an entry may stand in for a failure, in milliseconds: null where none may. */
function maxStaleMsAfter(error: unknown, { staleIfErrorMs = 0, mustBeFresh }: ReadScope): number | null {
  if (isHeld(error)) return Number.POSITIVE_INFINITY;
  return isDisruption(error) && staleIfErrorMs > 0 && !mustBeFresh ? staleIfErrorMs : null;
}

function notCached(): GatewayError {
  return new GatewayError('too-expensive', 'The cache alone was asked, and has no answer that will do.');
}

/** A reader that has waited for long shows what is cached. */
interface SlowRead {
  readonly showStale: () => void;
}

/** A subject with what its reader wants of the request. */
interface Wanted<Subject> {
  readonly subject: Subject;
  /** See `Resource.groupOf`. */
  readonly group: string;
  /** The request must have been sent after then. */
  readonly since: Seq;
  readonly mayUseReserve: boolean;
  readonly isFirst: boolean;
}

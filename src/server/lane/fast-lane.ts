import type { Credential } from '../../auth/api-key.ts';
import {
  createGraphQLContext,
  type GraphQLContext,
  type GraphQLContextOptions,
  type OperationObserver,
  type RequestFacts,
} from '../../graphql/graphql-context.ts';
import { AnswerRoom } from '../../graphql/plan/answer-room.ts';
import type { PlannedRun } from '../../graphql/plan/operation-plan.ts';
import { writeResult } from '../../graphql/plan/text.ts';
import type { Seq } from '../../jobs/seq.ts';
import type { Abandonment } from '../../lib/abandonment.ts';
import type { Clock } from '../../lib/clock.ts';
import type { Span } from '../../lib/tracing.ts';
import type { StoreEvent, StoreObserver } from '../../store/store-event.ts';
import { clientOf, readCredentials } from '../clients/read-credentials.ts';
import { toClientGroup } from '../clients/to-client-group.ts';
import type { OverloadGuard } from '../lifecycle/overload-guard.ts';
import type { RequestRecord } from '../records/request-record.ts';
import type { RequestRecords } from '../records/request-records.ts';
import type { RequestTrace } from '../records/request-trace.ts';
import { AnswerCache } from './answer-cache.ts';
import { type AnswerText, toAnswerText } from './answer-text.ts';
import { answerWithErrors, type ErrorAnswerOptions } from './answer-with-errors.ts';
import { dependsOnReadings } from './is-unchanged.ts';
import type { KeptAnswer } from './kept-answer.ts';
import { type OrdinaryHead, toRequestName } from './ordinary-request.ts';
import type { PlannedOperations, PreparedOperation } from './planned-operations.ts';
import { RecentAnswers } from './recent-answers.ts';
import { type ResumedRequest, resume } from './resumed-request.ts';

export interface FastLaneOptions extends ErrorAnswerOptions {
  readonly contextOptions: GraphQLContextOptions;
  readonly operations: PlannedOperations;
  readonly records: RequestRecords;
  readonly guard: OverloadGuard;
  readonly clock: Pick<Clock, 'now'>;
  /** Hears of what is given again from answers that are kept. */
  readonly observe: StoreObserver;
  /**
   * Whether jobs that change are fresh for a while. Otherwise it is in vain to wait for the answer to an equal request that has
   * read anything before.
   */
  readonly mayGiveTwice: boolean;
  /** How much memory the answers may take that are kept; 0 keeps none. */
  readonly answerCacheBytes: number;
}

/** An ordinary request whose body was read. */
export interface LaneRequest {
  readonly requestId: string;
  readonly head: OrdinaryHead;
  readonly body: string;
  /** Aborts when the client leaves. */
  readonly signal: Abandonment;
  /** Where it came from: empty where nobody knows it. */
  readonly address: () => string;
  /** Begins its record, which ends with its answer. */
  readonly openRecord: () => RequestRecord;
  /** Its spans: null without tracing. */
  readonly trace: RequestTrace | null;
}

/** What became of a request: its answer, what Yoga has to go on with, or null where its client left. */
export type LaneResult = AnswerText | ResumedRequest | null;

/** Whether the fast lane has an answer. */
export function isAnswer(result: LaneResult): result is AnswerText {
  return result !== null && 'text' in result;
}

/** An answer, and what it was made of. */
interface Executed extends AnswerText {
  readonly context: GraphQLContext;
  readonly record: RequestRecord;
  readonly plan: PlannedRun['plan'];
  /** What was read, by resource. */
  readonly reads: readonly string[];
}

/** How much of the memory for answers those may take that are given for a moment only. */
const RECENT_SHARE = 0.25;

const OVER = Promise.resolve(null);

/** An execution that others may wait for. */
class UnderWay {
  result: Promise<Executed | LaneResult>;
  /** Null where it was left to Yoga at once. */
  context: GraphQLContext | null = null;
  hasSeveralKeys = false;
  /** When the last one came who waits for it. */
  joinedSeq: Seq;

  constructor(arrivedSeq: Seq, begin: (underWay: UnderWay) => UnderWay['result']) {
    this.joinedSeq = arrivedSeq;
    this.result = begin(this);
  }

  /** It is over: whatever still holds it, as maps of V8 may (see `Deadlines`), does not hold all that was read for it. */
  end(): void {
    this.context = null;
    this.result = OVER;
  }

  /** Whether its answer may serve one who came at `arrivedSeq`: nothing was read for it until then. */
  mayServe(arrivedSeq: Seq): boolean {
    if (this.context === null) return false;
    const oldestSeq = this.context.oldestSeq();
    return oldestSeq === null || oldestSeq > arrivedSeq;
  }

  /**
   * Whether its answer serves nobody who comes now: something else is known than when it began, and it may read on for long. Or it has
   * several keys, and anything was read: it may wait for the key that saw a job last, when another one shows the job for the first time.
   */
  get isOvertaken(): boolean {
    if (this.context === null) return false;
    return this.context.hasChanged() || (this.hasSeveralKeys && this.context.session().changes.hasReadings);
  }
}

/** Executes ordinary requests, and keeps their answers. Equal requests that come at once are executed once. */
export class FastLane {
  readonly #options: FastLaneOptions;
  readonly #answers: AnswerCache;
  readonly #recent: RecentAnswers;
  /** What is under way, by the names of the requests. */
  readonly #underWay = new Map<string, UnderWay>();

  constructor(options: FastLaneOptions) {
    this.#options = options;
    const { answerCacheBytes } = options;
    const { store } = options.contextOptions;
    const recentBytes = Math.floor(answerCacheBytes * RECENT_SHARE);
    this.#answers = new AnswerCache(answerCacheBytes - recentBytes, store);
    this.#recent = new RecentAnswers(recentBytes, store);
  }

  /** The time, in the order of what is read: a request comes with that of its arrival. */
  get seq(): Seq {
    return this.#options.contextOptions.store.seq;
  }

  /** The name by which the answer to a request may be kept, or be there; null where it may not. */
  nameOf({ head, body }: LaneRequest): string | null {
    return head.wantsFresh || this.#options.answerCacheBytes === 0 ? null : toRequestName(head, body);
  }

  /** The answer that is kept under a name, if it is still right. Notes what the request asked for. */
  find(request: LaneRequest, name: string | null): AnswerText | null {
    const answer = name === null ? null : this.#answers.get(name, this.#options.clock.now());
    return answer && this.#give(request, answer, 'hit');
  }

  /** Gives an answer again. Notes what the request asked for. */
  #give(request: LaneRequest, answer: KeptAnswer, kind: 'hit' | 'joined'): AnswerText {
    const { records, observe } = this.#options;
    const record = request.openRecord();
    if (answer.operation !== null) records.beginKnown(record, answer.operation);
    record.keys = answer.keys;
    for (const resource of answer.reads) {
      const event: StoreEvent = { kind, resource, durationMs: 0 };
      observe(event);
      record.jobsRead(event);
    }
    return answer;
  }

  /**
   * Executes a request, unless an equal one was executed while it waited, or is under way, whose answer serves both.
   *
   * @param arrivedSeq When it came, by `seq`.
   */
  async execute(request: LaneRequest, name: string | null, arrivedSeq: Seq): Promise<LaneResult> {
    if (name === null) return new UnderWay(arrivedSeq, (own) => this.#begin(request, own)).result;
    const before = this.#underWay.get(name);
    // To wait for nothing would let all that come at once pass here together.
    const isOfUse = before !== undefined && (this.#options.mayGiveTwice || before.mayServe(arrivedSeq));
    if (isOfUse && !before.isOvertaken) {
      if (arrivedSeq > before.joinedSeq) before.joinedSeq = arrivedSeq;
      await before.result.catch(() => null);
    }
    const answer = this.find(request, name);
    if (answer !== null) return answer;
    const recent = this.#recent.get(name, arrivedSeq);
    if (recent !== null) return this.#give(request, recent, 'joined');
    const underWay = new UnderWay(arrivedSeq, (own) => this.#begin(request, own));
    this.#underWay.set(name, underWay);
    try {
      // Those who wait for it go on after this.
      const result = await underWay.result;
      if (result !== null && 'plan' in result) this.#keep(name, result, underWay.joinedSeq);
      return result;
    } finally {
      underWay.end();
      if (this.#underWay.get(name) === underWay) this.#underWay.delete(name);
    }
  }

  async #begin(request: LaneRequest, underWay: UnderWay): Promise<Executed | LaneResult> {
    const { operations, contextOptions, guard } = this.#options;
    const credentials = readCredentials(request.head.headers, contextOptions.keyRings);
    if (credentials === null) return resume(request);
    const end = guard.begin(() => clientOf(credentials) ?? request.address());
    if (end === null) return resume(request);
    try {
      const prepared = operations.prepare('query', request.body, credentials);
      return prepared === null ? resume(request) : await this.#execute(request, prepared, underWay);
    } finally {
      end();
    }
  }

  async #execute(
    request: LaneRequest,
    prepared: PreparedOperation,
    underWay: UnderWay,
  ): Promise<Executed | AnswerText | null> {
    const { operation, credentials } = prepared;
    const { plan, variableValues } = prepared.run;
    const { records, logger, maxAnswerBytes } = this.#options;
    const record = request.openRecord();
    records.beginKnown(record, operation.factsFor(request.head.headers));
    request.trace?.beginOperation();
    const facts = new Execution(request, credentials, record);
    const { reads } = facts;
    const context = createGraphQLContext(this.#options.contextOptions, facts);
    underWay.context = context;
    underWay.hasSeveralKeys = credentials.length > 1;
    const goOn = () => answerWithErrors({ request, prepared, context, record }, this.#options);
    try {
      const room = new AnswerRoom(maxAnswerBytes);
      const data = await plan.write(undefined, { context, variableValues, room });
      if (context.reported().length > 0 || context.isRefused()) return goOn();
      const json = writeResult(data, context.isStale());
      const bytes = Buffer.byteLength(json);
      if (bytes > maxAnswerBytes) return goOn();
      context.complete();
      const { text } = toAnswerText(json, bytes);
      return { text, bytes, context, record, plan, reads };
    } catch {
      // Whatever it was, the executor meets it again, and says it.
      if (!request.signal.aborted) return goOn();
      context.complete();
      logger.debug({ requestId: request.requestId }, 'operation abandoned');
      return null;
    }
  }

  /** Keeps an answer, if it may be given again. */
  #keep(name: string, { text, bytes, context, record, plan, reads }: Executed, joinedSeq: Seq): void {
    // The key that failed may answer in a moment. And what read nothing costs nothing.
    if (context.isPartial() || context.isStale() || plan.tellsBudgets || reads.length === 0) return;
    // Its keys have new parts of the cache since, which say nothing against it.
    if (context.isRefused()) return;
    const { changes, withdrawal } = context.session();
    const { operation, keys } = record;
    const freshUntilMs = context.freshUntilMs();
    const isFresh = freshUntilMs > this.#options.clock.now();
    const isOfReadings = dependsOnReadings(plan, keys.length);
    // Otherwise something was read meanwhile that tells something else.
    const isLasting = isFresh && !changes.hasChanged && !(isOfReadings && changes.hasReadings);
    // Whom one serves that does not last asked before its readings: these need not be the last ones, if nothing tells
    // something else.
    const madeOf = isLasting
      ? { states: changes.begin, dependsOnReadings: isOfReadings }
      : { states: changes.now, dependsOnReadings: false };
    const answer = { text, bytes, operation, keys, reads, withdrawal, ...madeOf };
    const oldestSeq = context.oldestSeq();
    if (isLasting) this.#answers.set(name, answer, freshUntilMs);
    else if (oldestSeq !== null) {
      const latestSeq = keys.length === 1 ? null : joinedSeq;
      this.#recent.set(name, { answer, oldestSeq, latestSeq });
    }
  }
}

/** The kinds of events that stand for one read which gave something. */
const READS: ReadonlySet<StoreEvent['kind']> = new Set(['hit', 'joined', 'landed']);

/** What the context of a request needs to know of it, and hears of its reads. */
class Execution implements RequestFacts, OperationObserver {
  readonly #request: LaneRequest;
  readonly #credentials: readonly Credential[];
  readonly #record: RequestRecord;
  /** What was read, by resource. */
  readonly reads: string[] = [];

  constructor(request: LaneRequest, credentials: readonly Credential[], record: RequestRecord) {
    this.#request = request;
    this.#credentials = credentials;
    this.#record = record;
  }

  get requestId(): string {
    return this.#request.requestId;
  }

  get span(): Span | null {
    return this.#request.trace?.operation ?? null;
  }

  get headers(): RequestFacts['headers'] {
    return this.#request.head.headers;
  }

  get signal(): Abandonment {
    return this.#request.signal;
  }

  get client(): string {
    return toClientGroup(this.#request.address());
  }

  get observer(): OperationObserver {
    return this;
  }

  readCredentials(): readonly Credential[] {
    return this.#credentials;
  }

  keysRead(credentials: readonly Credential[]): void {
    this.#record.keysRead(credentials);
  }

  jobsRead(event: StoreEvent): void {
    this.#record.jobsRead(event);
    if (READS.has(event.kind)) this.reads.push(event.resource);
  }
}

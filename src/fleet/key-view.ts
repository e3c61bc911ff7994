import type { ApiKey } from '../auth/api-key.ts';
import { isFailure, isUncertain } from '../jobs/failures.ts';
import { NEVER, nextSeq, toNumber, toSeq } from '../jobs/seq.ts';
import { contains } from '../jobs/span.ts';
import type { Clock } from '../lib/clock.ts';
import type { Admission } from '../store/admission/admission.ts';
import type { KeyAccount } from '../store/admission/key-account.ts';
import type { LogicalClock } from '../store/admission/logical-clock.ts';
import type { BudgetLimits } from '../store/admission/request-budget.ts';
import type { When } from '../store/cache/partitioned-cache.ts';
import type { FleetSeamParts } from '../store/fleet-seam.ts';
import { UpstreamError } from '../upstream/upstream-error.ts';
import { FleetLedger } from './fleet-ledger.ts';
import type {
  Bell,
  Claim,
  Failure,
  FleetLink,
  KeyState,
  Landed,
  Missed,
  Reading,
  Sent,
} from './fleet-link.ts';
import type { FleetTime } from './fleet-time.ts';
import { KeyRefusals, type Told } from './key-refusals.ts';
import { type OpenedFailure, type OpenedReading, type Place, ReadingSeal } from './reading-seal.ts';

/** What happens between replicas: see `KeyViewOptions.observe`. */
export type FleetEvent =
  /** A reading of another replica is in the cache. */
  | 'applied'
  /** A text could not be opened: it was sealed by somebody else, or changed. */
  | 'foreign'
  /** A request waits for that of another replica. */
  | 'waited'
  /** A request goes out without asking the others. */
  | 'alone';

export interface KeyViewOptions extends FleetSeamParts {
  readonly link: FleetLink;
  readonly time: FleetTime;
  readonly clock: Clock;
  readonly secrets: readonly string[];
  readonly key: ApiKey;
  readonly account: KeyAccount;
  readonly limits: BudgetLimits;
  /** Gives a name that no replica ever gave before, in the letters of the link. */
  readonly newName: () => string;
  /** Told whenever others have changed what is known of the key. */
  readonly onNews: () => void;
  /** Told what happens, for those who operate the fleet. */
  readonly observe: (event: FleetEvent) => void;
}

/** An older success says nothing of whether upstream fails now, in milliseconds. */
const RECENT_MS = 10_000;

/** How long one waits for a bell before one asks again, in milliseconds. */
const MAX_SILENCE_MS = 1000;

/** By how much the clocks of a fleet differ at most, in milliseconds, and logical time is ahead of them. */
const MAX_AHEAD_MS = 5000;

/** What a refusal is about that no request of now has met: the request counts for nobody, as it is of long ago. */
const OF_LONG_AGO = {
  claim: { group: '-', start: 0, end: 1 },
  subject: '-',
  sent: { request: '-', atMs: 0 },
};

/**
 * What this replica knows of what all replicas do with one key: it replays the log of their readings into the cache, hears
 * what is new, and keeps the key's account and ledger in step with theirs.
 */
export class KeyView {
  readonly account: KeyAccount;
  readonly seal: ReadingSeal;
  readonly ledger: FleetLedger;
  readonly #options: KeyViewOptions;
  readonly #link: FleetLink;
  readonly #admission: Admission;
  readonly #logicalClock: LogicalClock;
  /** The key's partition in the fleet: null before any is known. */
  #partition: string | null = null;
  /** That of the account, to which the readings went. */
  #localPartition: number;
  /** The last reading that was applied, and the last one that is known of, in logical time. */
  #headSeq = 0;
  #knownSeq = 0;
  /** Whether all was pulled since bells are heard without a gap. */
  #isAttached = false;
  #unfollow: (() => void) | null = null;
  #attaching: Promise<void> | null = null;
  /** The catch-up after the one under way, for all who want it. */
  #next: Promise<void> | null = null;
  /** Counts what makes a pull that is under way worthless. */
  #breaks = 0;
  #isClosed = false;
  readonly #refusals = new KeyRefusals();
  /** The latest logical time by which the cache got what is in no log, unless the server knows. */
  #keptSeq: number | null = null;
  /** What wakes those who wait for a request of another replica, with what they want of it. */
  readonly #waiting = new Map<() => void, Claim>();

  constructor(options: KeyViewOptions) {
    const { key, account, secrets, link, admission, logicalClock } = options;
    if (!(account.ledger instanceof FleetLedger))
      throw new Error('The account must have the ledger of a fleet.');
    this.#options = options;
    this.#link = link;
    this.#admission = admission;
    this.#logicalClock = logicalClock;
    this.account = account;
    this.ledger = account.ledger;
    this.seal = new ReadingSeal(key, secrets);
    this.#localPartition = account.partition;
  }

  get partition(): string | null {
    return this.#partition;
  }

  get headSeq(): number {
    return this.#headSeq;
  }

  /** Whether readings go to the part of the cache that the account has now. */
  get isOfAccount(): boolean {
    return this.#localPartition === this.account.partition;
  }

  /** Whether the cache holds all that the fleet has read with the key, as far as one can know without asking. */
  get isCurrent(): boolean {
    return this.isOfAccount && this.#isAttached && this.#headSeq >= this.#knownSeq && this.#link.isListening;
  }

  /** Whether this replica knows what a server which was gone may not know. To catch up tells it. */
  get hasToTell(): boolean {
    return !this.#refusals.isEmpty || this.#keptSeq !== null;
  }

  /** Logical time is not later by now: where the server's clock was set back, it follows what was read before. */
  get #maxSeq(): number {
    const latestSeq = toNumber(this.#logicalClock.latest);
    return Math.max(latestSeq, toNumber(nextSeq(NEVER, this.#link.nowMs() + MAX_AHEAD_MS)));
  }

  /** Applies all that is new. Never rejects: where the server does not answer, the replica goes on by itself. */
  catchUp(): Promise<void> {
    if (!this.isOfAccount) this.#rewind();
    if (this.#attaching === null) {
      this.#attaching = this.#attach().finally(() => {
        this.#attaching = null;
      });
      return this.#attaching;
    }
    if (this.#link.isListening) return this.#attaching;
    // While bells may be lost, a pull that began before is not enough.
    this.#next ??= this.#attaching.then(() => {
      this.#next = null;
      return this.catchUp();
    });
    return this.#next;
  }

  /** Has those look who watch with the key. */
  tellNews(): void {
    this.#options.onNews();
  }

  /** Others may have done something that was not heard. */
  detach(): void {
    this.#break();
    this.#wake();
  }

  /** The view is not used any more. */
  close(): void {
    this.#isClosed = true;
    this.#isAttached = false;
    this.#unfollow?.();
    this.#wake();
  }

  /** Applies what was missed. */
  applyAll({ readings, headSeq, gapSeq }: Missed): void {
    const isGap = gapSeq > this.#headSeq;
    if (isGap) this.#noteGap(gapSeq);
    for (const reading of readings) this.#apply(reading);
    this.#headSeq = Math.max(this.#headSeq, headSeq);
    if (isGap || readings.length > 0) this.#options.onNews();
  }

  /**
   * This replica shows what the log does not have, and will not get: the others must not go on to show what is older. They are told
   * as soon as the server answers.
   */
  noteKept(): void {
    this.#keptSeq = toNumber(this.#logicalClock.latest);
    if (!this.#link.isUp) return;
    this.#break();
    void this.catchUp();
  }

  /** Tells a server that may have lost it all what this replica knows. */
  async heal(): Promise<void> {
    const { time, clock, limits } = this.#options;
    const nowMs = clock.now();
    const sent = this.ledger.known(nowMs).map(([request, atMs]) => ({ request, atMs: time.toFleetMs(atMs) }));
    const holdMs = this.account.isProven ? this.account.holdWaitMs(nowMs) : 0;
    const heldUntilMs = holdMs > 0 ? time.toFleetMs(nowMs + holdMs) : null;
    const { partition, headSeq } = this;
    const keptSeq = this.#keptSeq;
    if (partition === null && sent.length === 0 && heldUntilMs === null && keptSeq === null) return;
    const knowledge = { partition, sent, windowMs: limits.windowMs, heldUntilMs, headSeq, keptSeq };
    await this.#link.heal(this.seal.name, knowledge);
    if (this.#keptSeq === keptSeq) this.#keptSeq = null;
  }

  /** The key was refused, and has this partition now. What was read before is gone. One that was given up does not come back. */
  move(partition: string): void {
    if (partition === this.#partition) return;
    if (this.#refusals.isGivenUp(partition)) {
      this.#break();
      return;
    }
    if (this.#partition !== null) this.account.giveUp();
    this.#begin(partition);
  }

  /**
   * Tells the others what came of a request, and waits for nothing. A refusal is told until the server has heard of it: else what was
   * read before would come back from the log. The account has given up its own partition by then.
   */
  tell(told: Told): void {
    const { meaning, partition } = told;
    const isRefused = meaning.kind === 'refused';
    if (isRefused && partition === this.#partition) this.#begin(meaning.newPartition);
    if (partition === null) {
      this.#refusals.tellLater(told);
      void this.catchUp();
      return;
    }
    this.#link.fail(this.seal.name, { ...told, partition }).catch(() => {
      // The claim ends by itself.
      if (isRefused) this.#refusals.tellLater(told);
    });
  }

  /** A request of this replica was granted: the key has this partition if it had none. */
  adopt(partition: string): void {
    this.#partition ??= partition;
  }

  /** Takes note of a refusal of the key, and gives the error. */
  refuse(sealed: string, untilMs: number): UpstreamError {
    const error =
      this.#openError(sealed)?.error ??
      new UpstreamError('unauthenticated', 'The qBraid API refuses the key.');
    const { time, clock } = this.#options;
    const untilLocalMs = time.toLocalMs(untilMs);
    if (untilLocalMs > clock.now() && this.account.refusalWaitMs(clock.now()) <= 0) {
      this.account.refuse(error, untilLocalMs);
      this.#localPartition = this.account.partition;
    }
    return error;
  }

  /** Takes note that the key is held until then. */
  hold(untilMs: number): void {
    const { clock, time } = this.#options;
    const nowMs = clock.now();
    const waitMs = time.toLocalMs(untilMs) - nowMs;
    if (waitMs <= 0) return;
    // Only a key that was accepted is held for all.
    this.#admission.noteProven(this.account);
    if (this.account.budgetWaitMs(nowMs, true) < waitMs) this.account.hold(nowMs, nowMs, waitMs);
  }

  /** Takes note of where a reading of this replica stands in the log. */
  landed(landed: Extract<Landed, { kind: 'landed' }>): void {
    this.#logicalClock.observe(toSeq(landed.readSeq));
    if (landed.previousSeq <= this.#headSeq) this.#headSeq = Math.max(this.#headSeq, landed.readSeq);
    else this.#miss(landed.readSeq);
  }

  /**
   * Resolves once another replica may have done what a claim waits for, at that time of the fleet, or after a second. What others do
   * besides is no reason to ask again: of many who wait, each would ask as often as there are others.
   */
  hear(claim: Claim, untilMs: number): Promise<void> {
    const { clock, time, observe } = this.#options;
    observe('waited');
    return new Promise((resolve) => {
      const wake = () => {
        cancel();
        this.#waiting.delete(wake);
        resolve();
      };
      // A bell may be lost.
      const waitMs = Math.min(MAX_SILENCE_MS, time.toLocalMs(untilMs) - clock.now());
      const cancel = clock.schedule(Math.max(1, waitMs), wake);
      this.#waiting.set(wake, claim);
    });
  }

  async #attach(): Promise<void> {
    await this.#follow();
    try {
      while (!(await this.#pull()) && !this.#isClosed);
    } catch {
      // The link has noted it, and is down: see `FleetLink.isUp`.
    }
  }

  /** Where no bells can be heard, each read pulls: see `isCurrent`. */
  async #follow(): Promise<void> {
    if (this.#unfollow !== null || !this.#link.isListening) return;
    try {
      this.#unfollow = await this.#link.follow(this.seal.name, (bell) => this.#onBell(bell));
      if (this.#isClosed) this.#unfollow();
    } catch {
      // The next one tries again.
    }
  }

  /** Applies what the server has. Returns whether that was all that is known of by then. */
  async #pull(): Promise<boolean> {
    await this.#tellAgain();
    const knownSeq = this.#knownSeq;
    const breaks = this.#breaks;
    const isHeard = this.#unfollow !== null && this.#link.isListening;
    const position = { partition: this.#partition, headSeq: this.#headSeq };
    const state = await this.#link.pull(this.seal.name, position);
    // What the server said before a refusal that was heard since must not come back.
    if (breaks !== this.#breaks) return false;
    if (this.#refusals.meet(state.partition, (partition) => this.#refuseAgain(partition))) return false;
    this.#take(state);
    this.#isAttached = isHeard && !this.#isClosed;
    // What was known of before is applied now, or is not kept by the server.
    if (this.#knownSeq === knownSeq) this.#knownSeq = this.#headSeq;
    return this.#headSeq >= this.#knownSeq;
  }

  async #tellAgain(): Promise<void> {
    const { untold } = this.#refusals;
    if (untold !== null) {
      await this.#link.fail(this.seal.name, untold);
      this.#refusals.told(untold);
    }
    if (this.#keptSeq !== null) await this.heal();
  }

  /**
   * The refusal of a partition that the server has again. The key gets a new one: if replicas told each other to go back to theirs, they
   * could do so without end.
   */
  #refuseAgain(partition: string): Failure {
    const { clock, time, newName } = this.#options;
    const nowMs = clock.now();
    const waitMs = Math.max(0, this.account.refusalWaitMs(nowMs));
    const refusal = waitMs > 0 ? this.account.failure(OF_LONG_AGO.subject, nowMs) : null;
    return {
      ...OF_LONG_AGO,
      // Another object for each: they are told apart by it.
      sent: { ...OF_LONG_AGO.sent },
      partition,
      error: refusal && this.seal.sealError(OF_LONG_AGO.subject, refusal),
      meaning: { kind: 'refused', untilMs: time.nowMs() + waitMs, newPartition: newName() },
    };
  }

  #take(state: KeyState): void {
    if (state.isProven) this.#admission.noteProven(this.account);
    for (const sent of state.sent) this.#note(sent);
    if (state.partition !== null) this.move(state.partition);
    if (state.refused !== null) this.refuse(state.refused.error, state.refused.untilMs);
    if (state.heldUntilMs !== null) this.hold(state.heldUntilMs);
    this.applyAll(state);
  }

  #onBell(bell: Bell): void {
    if (bell.kind === 'unclear') {
      this.#onUnclear();
      return;
    }
    this.#note(bell.sent);
    if (bell.kind === 'landed') this.#onLanded(bell);
    else if (bell.kind === 'failed') this.#onFailed(bell);
    else if (bell.kind === 'held') this.#onHeld(bell);
    else this.#onRefused(bell);
  }

  #onLanded({ partition, previousSeq, readSeq, reading }: Extract<Bell, { kind: 'landed' }>): void {
    // To believe a time that somebody has made up would be to hear nothing before then.
    if (readSeq > this.#maxSeq) {
      this.#onUnclear();
      return;
    }
    if (readSeq <= this.#headSeq && partition === this.#partition) return;
    if (partition !== this.#partition || reading === null || previousSeq > this.#headSeq) {
      this.#miss(readSeq);
      return;
    }
    this.applyAll({ readings: [reading], headSeq: readSeq, gapSeq: 0 });
  }

  #onFailed({ claim, error, sent }: Extract<Bell, { kind: 'failed' }>): void {
    this.#wake(claim);
    const failure = error === null ? null : this.#openError(error);
    // Refusals have bells of their own: this one is of an older partition.
    if (failure === null || failure.error.kind === 'unauthenticated') return;
    const { clock, time } = this.#options;
    const sentAtMs = time.toLocalMs(sent.atMs);
    this.#admission.noteFailed(this.account, failure.subject, failure.error, sentAtMs, clock.now());
  }

  #onHeld({ untilMs }: Extract<Bell, { kind: 'held' }>): void {
    this.hold(untilMs);
    this.#wake();
  }

  #onRefused({ partition, error, untilMs }: Extract<Bell, { kind: 'refused' }>): void {
    const before = this.account.partition;
    this.refuse(error, untilMs);
    // It may be told of only when the key may be tried again. What was read before is gone all the same.
    if (this.account.partition === before) this.account.giveUp();
    this.#begin(partition);
    this.#options.onNews();
    this.#wake();
  }

  #onUnclear(): void {
    this.#break();
    void this.catchUp();
    this.#wake();
  }

  /** There is a reading that could not be applied. It is fetched at once, so that whoever reads next need not wait. */
  #miss(readSeq: number): void {
    this.#knownSeq = Math.max(this.#knownSeq, readSeq);
    void this.catchUp();
    this.#wake();
  }

  #apply({ readSeq, readMs, askedSeq, subject, sealed, sent }: Reading): void {
    if (readSeq <= this.#headSeq) return;
    const { clock, time, observe } = this.#options;
    this.#headSeq = readSeq;
    this.#note(sent);
    const read = time.toStamp(readSeq, readMs);
    const when = { askedSeq: toSeq(askedSeq), read };
    const reading = this.#keep(sealed, { partition: this.#partition, subject, askedSeq }, when);
    if (reading === null) {
      observe('foreign');
      this.#noteGap(readSeq);
      this.#wake();
      return;
    }
    this.#logicalClock.observe(read.seq);
    observe('applied');
    if (this.#waiting.size > 0) this.#wake(this.seal.claimOf(reading.about));
    const { answer } = reading;
    const isAccepted = !(isFailure(answer) && isUncertain(answer));
    if (!isAccepted || clock.now() - read.atMs > RECENT_MS) return;
    this.#admission.noteAccepted(this.account, reading.subject, time.toLocalMs(sent.atMs), read.atMs);
  }

  /** Until then others may have shown what is not in the cache. What was read before is not fresh any more. */
  #noteGap(gapSeq: number): void {
    // One that somebody has made up must not put an end to what is fresh.
    const seq = toSeq(Math.min(gapSeq, this.#maxSeq));
    this.#logicalClock.observe(seq);
    this.account.miss(seq);
  }

  /** Leaves a reading in the cache, and gives it: null where it is none of ours. */
  #keep(sealed: string, place: Place, when: When): OpenedReading | null {
    try {
      const reading = this.seal.openReading(sealed, place);
      if (reading !== null) this.#options.keep(this.account, reading.about, reading.answer, when);
      return reading;
    } catch {
      // Another version of the gateway has sealed it, in words of its own.
      return null;
    }
  }

  #openError(sealed: string): OpenedFailure | null {
    const failure = this.seal.openError(sealed);
    if (failure === null) this.#options.observe('foreign');
    return failure;
  }

  #note({ request, atMs }: Sent): void {
    const { clock, time } = this.#options;
    this.ledger.note(request, time.toLocalMs(atMs), clock.now());
  }

  /** The account has another part of the cache than the readings went to: they are replayed. */
  #rewind(): void {
    this.#localPartition = this.account.partition;
    this.#headSeq = 0;
    this.#break();
  }

  #begin(partition: string): void {
    if (this.#partition !== null && this.#partition !== partition) this.#refusals.giveUp(this.#partition);
    this.#partition = partition;
    this.#localPartition = this.account.partition;
    this.#headSeq = 0;
    this.#knownSeq = 0;
    this.#break();
  }

  /** What was pulled before, and what is being pulled, is not all. */
  #break(): void {
    this.#isAttached = false;
    this.#breaks += 1;
  }

  /** Wakes those who wait for no more than a claim covers. @param done all of them without one */
  #wake(done?: Claim): void {
    for (const [wake, wanted] of [...this.#waiting]) {
      if (done === undefined || covers(done, wanted)) wake();
    }
  }
}

function covers(claim: Claim, wanted: Claim): boolean {
  return claim.group === wanted.group && contains(claim, wanted);
}

import { isFailure } from '../jobs/failures.ts';
import type { Seq } from '../jobs/seq.ts';
import { toNumber, toSeq } from '../jobs/seq.ts';
import type { Clock } from '../lib/clock.ts';
import { within } from '../lib/within.ts';
import type { BudgetLimits } from '../store/admission/request-budget.ts';
import { spent } from '../store/admission/spent.ts';
import type {
  KeyReader,
  PendingRequest,
  Permit,
  Served,
  UpstreamPort,
} from '../store/admission/upstream-port.ts';
import type { FleetSeamParts } from '../store/fleet-seam.ts';
import { UpstreamError } from '../upstream/upstream-error.ts';
import type { Claim, FleetLink, Reply } from './fleet-link.ts';
import type { FleetTime } from './fleet-time.ts';
import type { FleetEvent, KeyView } from './key-view.ts';
import { KeyViews } from './key-views.ts';
import { SharedRequest, type SharedRequestOptions, toFailure, toRefusal } from './shared-request.ts';

/** What a request wants of the fleet. */
interface Wish {
  readonly claim: Claim;
  /** Since when it has waited for other replicas: null if it has not. */
  waitingSinceMs: number | null;
  /** How often it was put off, but for waits, and how often of these because the server had no answer. */
  turns: number;
  unanswered: number;
}

/** What is known of a request that may go out. */
type Granted = Pick<
  SharedRequestOptions,
  'request' | 'permit' | 'view' | 'claim' | 'sent' | 'partition' | 'askedSeq'
>;

export interface FleetPortOptions extends FleetSeamParts {
  readonly link: FleetLink;
  readonly time: FleetTime;
  readonly clock: Clock;
  readonly limits: BudgetLimits;
  readonly secrets: readonly string[];
  /** Gives a name that no replica ever gave before, in the letters of the link. */
  readonly newName: () => string;
  readonly observe: (event: FleetEvent) => void;
}

/** How long the server may take to count a request, in milliseconds. Nobody waits longer for its reply. */
const ASK_MS = 100;

/** How long a read waits for what others have read, in milliseconds. */
const CATCH_UP_MS = 100;

/** How often a request may be put off by what other replicas do. */
const MAX_TURNS = 20;

/** After so many questions without an answer, a request goes out by the share of this replica. */
const MAX_UNANSWERED = 3;

/** How long those should wait who were put off too often, in milliseconds. */
const BUSY_MS = 1000;

/**
 * The way upstream of a replica. It asks upstream only after it has applied everything that the fleet has read with the
 * key, and only if no other replica is asking. Where the server does not answer, the replica goes on by itself, with a share
 * of the budget that is its own.
 */
export class FleetPort implements UpstreamPort {
  readonly #options: FleetPortOptions;
  readonly #views: KeyViews;
  #wasUp: boolean;

  constructor(options: FleetPortOptions) {
    const { link } = options;
    this.#options = options;
    this.#views = new KeyViews(options);
    this.#wasUp = link.isUp;
    link.onChange(() => this.#onLinkChange());
    link.onReconnect(() => this.#heal());
  }

  /** Later than everything that any replica has read until now. */
  get seq(): Seq {
    return this.#options.logicalClock.stamp().seq;
  }

  catchUp(reader: KeyReader): Promise<unknown> | null {
    const { link, clock } = this.#options;
    const view = this.#views.of(reader);
    return !link.isUp || view.isCurrent ? null : within(CATCH_UP_MS, clock, view.catchUp());
  }

  isCurrent(partition: number): boolean {
    return !this.#options.link.isUp || (this.#views.ofPartition(partition)?.isCurrent ?? false);
  }

  onNews(reader: KeyReader, listener: () => void): () => void {
    return this.#views.onNews(reader, listener);
  }

  async enter<T>(request: PendingRequest<T>): Promise<Permit | Served<T>> {
    const view = this.#views.of(request);
    const wish: Wish = {
      claim: view.seal.claimOf(request.about),
      waitingSinceMs: null,
      turns: 0,
      unanswered: 0,
    };
    while (wish.turns < MAX_TURNS) {
      const entered = await this.#tryToEnter(request, view, wish);
      if (entered !== null) return entered;
      request.signal.throwIfAborted();
      const served = request.lookup();
      if (served !== null) return { served };
    }
    throw new UpstreamError(
      'overloaded',
      'Other replicas of the gateway kept the request from being sent: try again in a moment.',
      { retryAfterMs: BUSY_MS, isUnsent: true },
    );
  }

  /** Null where something has to be heeded first, and was. */
  async #tryToEnter<T>(
    request: PendingRequest<T>,
    view: KeyView,
    wish: Wish,
  ): Promise<Permit | Served<T> | null> {
    const { admission, link, time, newName } = this.#options;
    const permit = await admission.enter(request);
    if ('served' in permit) return permit;
    if (!link.isUp || wish.unanswered >= MAX_UNANSWERED)
      return this.#goAlone(request, permit, view, wish.claim);
    const name = newName();
    const askedAtMs = time.nowMs();
    const reply = await this.#ask(request, view, { ...wish, request: name });
    if (reply?.kind === 'go') {
      const { partition, askedSeq, sentMs } = reply;
      const sent = { request: name, atMs: sentMs };
      return this.#goShared({ request, permit, view, claim: wish.claim, sent, partition, askedSeq });
    }
    permit.withdraw();
    if (reply?.kind === 'wait') wish.waitingSinceMs ??= askedAtMs;
    else wish.turns += 1;
    if (reply === null || reply.kind === 'expired') wish.unanswered += 1;
    if (reply !== null) await this.#heed(reply, view, wish.claim);
    return null;
  }

  /** Does what a reply asks for before the request may be sent. Throws where it may not be. */
  async #heed(reply: Exclude<Reply, { kind: 'go' }>, view: KeyView, claim: Claim): Promise<void> {
    switch (reply.kind) {
      case 'expired':
        return;
      case 'moved':
        view.move(reply.partition);
        return view.catchUp();
      case 'refused':
        throw view.refuse(reply.error, reply.untilMs);
      case 'held':
        // Then the account itself refuses.
        return view.hold(reply.untilMs);
      case 'behind':
        // One who does not know the partition can open nothing of it.
        if (view.partition === null) return view.catchUp();
        return view.applyAll(reply);
      case 'wait':
        return view.hear(claim, reply.untilMs);
      case 'failed':
        throw (
          view.seal.openError(reply.error)?.error ??
          new UpstreamError('unavailable', 'Another replica could not read it.')
        );
      case 'spent':
        // The ledger of this replica lacks something.
        void view.catchUp();
        throw spent(reply.untilMs - this.#options.time.nowMs());
    }
  }

  /** What the server says; null where it does not. */
  async #ask(
    { since, mayUseReserve }: PendingRequest<unknown>,
    view: KeyView,
    question: Wish & { readonly request: string },
  ): Promise<Reply | null> {
    const { link, time, logicalClock, limits, newName } = this.#options;
    // What was read went to another part of the cache.
    if (!view.isOfAccount) await view.catchUp();
    const { partition, headSeq } = view;
    try {
      const reply = await link.ask(view.seal.name, {
        ...question,
        partition,
        headSeq,
        sinceSeq: toNumber(since),
        floorSeq: toNumber(logicalClock.latest),
        newPartition: newName(),
        limit: view.ledger.limit(mayUseReserve),
        windowMs: limits.windowMs,
        expiresMs: time.nowMs() + ASK_MS,
      });
      // A refusal was heard since: what the server said before is over.
      return reply.kind !== 'go' && view.partition !== partition ? null : reply;
    } catch {
      return null;
    }
  }

  #goShared(granted: Granted): Permit {
    const { clock, time, logicalClock } = this.#options;
    const { view, sent, partition, askedSeq } = granted;
    view.adopt(partition);
    view.ledger.note(sent.request, time.toLocalMs(sent.atMs), clock.now());
    logicalClock.observe(toSeq(askedSeq));
    return new SharedRequest({ ...this.#options, ...granted });
  }

  /** The permit of this replica by itself, counted in its own share. */
  #goAlone(request: PendingRequest<unknown>, permit: Permit, view: KeyView, claim: Claim): Permit {
    const { clock, time, newName, observe } = this.#options;
    const { mayUseReserve } = request;
    const { ledger } = view;
    const sent = { request: newName(), atMs: time.nowMs() };
    const waitMs = ledger.noteAlone(sent.request, clock.now(), mayUseReserve);
    if (waitMs > 0) {
      permit.withdraw();
      throw spent(waitMs);
    }
    observe('alone');
    return {
      ...permit,
      landed: (answer) => {
        const read = permit.landed(answer);
        view.noteKept();
        return read;
      },
      lost: (error) => {
        const failure = permit.lost(error);
        view.noteKept();
        return failure;
      },
      retry: async () =>
        (await permit.retry()) && ledger.noteAlone(newName(), clock.now(), mayUseReserve) === 0,
      failed: (error) => {
        const failure = permit.failed(error);
        // Others must not go on to show what was read with the key, even if they can hear of it only later.
        if (isKeyRefusal(failure)) {
          const { partition } = view;
          const meaning = toRefusal(request.account, this.#options);
          view.tell(toFailure({ request, view, claim, sent, partition }, failure, meaning));
        }
        return failure;
      },
    };
  }

  #onLinkChange(): void {
    const { link } = this.#options;
    const { isUp, isListening } = link;
    for (const view of this.#views.all()) {
      if (!isUp || !isListening) view.detach();
      if (isUp && view.hasToTell) void view.catchUp();
    }
    if (isUp && !this.#wasUp) void this.#tellWatchers();
    this.#wasUp = isUp;
  }

  /**
   * Tells those who watch what others have read meanwhile, and that they may ask by the budget of all again. Of one key after the
   * other: all pulls at once would take longer than a command may.
   */
  async #tellWatchers(): Promise<void> {
    for (const view of [...this.#views.watched()]) {
      await view.catchUp();
      if (!this.#options.link.isUp) return;
      view.tellNews();
    }
  }

  /**
   * Tells a server that may have lost it all what this replica knows, one key after the other: all at once would take longer than a command
   * may, and so the link down again.
   */
  async #heal(): Promise<void> {
    for (const view of [...this.#views.all()]) await view.heal();
  }
}

function isKeyRefusal(error: unknown): error is UpstreamError {
  return isFailure(error) && error.kind === 'unauthenticated';
}

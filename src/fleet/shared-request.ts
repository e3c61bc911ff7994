import { isFailure } from '../jobs/failures.ts';
import { type Seq, type Stamp, toNumber, toSeq } from '../jobs/seq.ts';
import type { Clock } from '../lib/clock.ts';
import type { KeyAccount } from '../store/admission/key-account.ts';
import type { LogicalClock } from '../store/admission/logical-clock.ts';
import type { BudgetLimits } from '../store/admission/request-budget.ts';
import type { PendingRequest, Permit } from '../store/admission/upstream-port.ts';
import type { UpstreamError } from '../upstream/upstream-error.ts';
import type { Claim, Failure, FleetLink, Landed, Renewal, Sent } from './fleet-link.ts';
import type { FleetTime } from './fleet-time.ts';
import type { Told } from './key-refusals.ts';
import type { KeyView } from './key-view.ts';
import type { SharedAnswer } from './shared-reading.ts';

export interface SharedRequestOptions {
  readonly link: FleetLink;
  readonly time: FleetTime;
  readonly clock: Clock;
  readonly logicalClock: LogicalClock;
  readonly limits: BudgetLimits;
  readonly newName: () => string;
  readonly request: PendingRequest<unknown>;
  /** What this replica by itself has granted. */
  readonly permit: Permit;
  readonly view: KeyView;
  readonly claim: Claim;
  readonly sent: Sent;
  /** The key's partition when it was granted. */
  readonly partition: string;
  readonly askedSeq: number;
}

/** How often the claim of a request under way is renewed, in milliseconds: it lasts for three times that. */
const RENEW_MS = 1000;

/** How long the server may take to note an answer, in milliseconds: what comes later would seem newer than it is. */
const LAND_MS = 200;

/** What it means for a key that it was refused: it has another partition, and no replica tries it before this one does. */
export function toRefusal(
  account: KeyAccount,
  { clock, time, newName }: Pick<SharedRequestOptions, 'clock' | 'time' | 'newName'>,
): Failure['meaning'] {
  const untilMs = time.nowMs() + account.refusalWaitMs(clock.now());
  return { kind: 'refused', untilMs, newPartition: newName() };
}

/** What others are told of a request that failed, or was given up where `error` is no failure of upstream. */
export function toFailure(
  { request, view, claim, sent, partition }: FailedRequest,
  error: unknown,
  meaning: Failure['meaning'],
): Told {
  const { subject } = request;
  return {
    partition,
    claim,
    sent,
    subject: view.seal.nameOf(subject),
    error: isFailure(error) ? view.seal.sealError(subject, error) : null,
    meaning,
  };
}

/** What is known of a request that failed. */
type FailedRequest = Pick<SharedRequestOptions, 'request' | 'view' | 'claim' | 'sent'> &
  Pick<Told, 'partition'>;

/** A request that goes out for the whole fleet: others wait for it, and hear what comes of it. */
export class SharedRequest implements Permit {
  readonly isShared = true;
  readonly askedSeq: Seq;
  readonly #options: SharedRequestOptions;
  #cancelRenewal: () => void;

  constructor(options: SharedRequestOptions) {
    this.#options = options;
    this.askedSeq = toSeq(options.askedSeq);
    this.#cancelRenewal = options.clock.schedule(RENEW_MS, this.#renew);
  }

  async retry(): Promise<boolean> {
    const { permit, view, request, clock, limits, newName } = this.#options;
    if (!(await permit.retry())) return false;
    const retry = {
      request: newName(),
      limit: view.ledger.limit(request.mayUseReserve),
      windowMs: limits.windowMs,
    };
    const renewed = await this.#renewWith(retry);
    if (renewed === null)
      return view.ledger.noteAlone(retry.request, clock.now(), request.mayUseReserve) === 0;
    if (renewed === 'renewed') view.ledger.note(retry.request, clock.now(), clock.now());
    return renewed === 'renewed';
  }

  async landed(answer: unknown): Promise<Stamp> {
    this.#cancelRenewal();
    const own = this.#options.permit.landed(answer);
    return (await this.#share(answer as SharedAnswer)) ?? own;
  }

  failed(error: unknown): unknown {
    this.#cancelRenewal();
    const failure = this.#options.permit.failed(error);
    this.#fail(failure);
    return failure;
  }

  async lost(error: UpstreamError): Promise<unknown> {
    const failure = this.failed(error);
    // What nobody could read with the key is in no cache.
    if (this.#options.request.account.isProven) await this.#share(error);
    return failure;
  }

  withdraw(): void {
    this.#cancelRenewal();
    this.#options.permit.withdraw();
    this.#fail(null);
  }

  /** Puts an answer into the log. Returns when it was read: null where the server does not say, so that the log has it or not. */
  async #share(answer: SharedAnswer): Promise<Stamp | null> {
    const { time, view, partition } = this.#options;
    const landed = await this.#land(answer);
    if (landed?.kind === 'moved' && view.partition === partition) view.move(landed.partition);
    if (landed === null || landed.kind === 'expired') view.noteKept();
    if (landed?.kind !== 'landed') return null;
    view.landed(landed);
    return time.toStamp(landed.readSeq, landed.readMs);
  }

  async #land(answer: SharedAnswer): Promise<Landed | null> {
    const { link, time, view, request, claim, sent, partition, askedSeq, logicalClock } = this.#options;
    const subject = view.seal.nameOf(request.subject);
    const place = { partition, subject, askedSeq };
    try {
      return await link.land(view.seal.name, {
        partition,
        claim,
        subject,
        askedSeq,
        sealed: view.seal.sealReading({ subject: request.subject, about: request.about, answer }, place),
        floorSeq: toNumber(logicalClock.latest),
        sent,
        expiresMs: time.nowMs() + LAND_MS,
      });
    } catch {
      // It is kept here. The claim ends by itself.
      return null;
    }
  }

  #fail(error: unknown): void {
    this.#options.view.tell(toFailure(this.#options, error, this.#meaningOf(error)));
  }

  #meaningOf(error: unknown): Failure['meaning'] {
    const { time, request } = this.#options;
    if (!isFailure(error)) return { kind: 'none' };
    if (error.kind === 'unauthenticated') return toRefusal(request.account, this.#options);
    // Upstream may mean the address of a key that was never accepted.
    if (error.kind !== 'rate-limited' || !request.account.isProven) return { kind: 'none' };
    return { kind: 'held', untilMs: time.nowMs() + (error.facts.retryAfterMs ?? 0) };
  }

  readonly #renew = (): void => {
    this.#cancelRenewal = this.#options.clock.schedule(RENEW_MS, this.#renew);
    void this.#renewWith(null);
  };

  /** Null where the server does not answer: then nobody waits for the claim. */
  async #renewWith(retry: Renewal['retry']): Promise<'renewed' | 'lost' | 'spent' | null> {
    const { link, view, claim, partition, sent } = this.#options;
    try {
      return await link.renew(view.seal.name, { partition, claim, request: sent.request, retry });
    } catch {
      return null;
    }
  }
}

import type {
  Bell,
  Claim,
  Failure,
  FleetLink,
  KeyState,
  Knowledge,
  Landed,
  Landing,
  Position,
  Question,
  Reading,
  Renewal,
  Reply,
  Sent,
} from '../../src/fleet/fleet-link.ts';

const SEQS_PER_MS = 1024;
const CLAIM_MS = 3000;
const ERROR_MS = 3000;
const MAX_AHEAD_MS = 5000;
const LOG_MS = 15 * 60_000;
const ACCOUNT_MS = 24 * 3_600_000;
const STRANGER_MS = 15 * 60_000;
const MAX_READINGS = 256;
const MAX_LOG_BYTES = 1024 * 1024;
const FULL_LOG_BYTES = 64 * 1024;

/** A request under way, or one that has failed: then with the error for those who waited for it. */
export interface FakeClaim extends Claim {
  readonly request: string;
  readonly retry: string | null;
  readonly askedSeq: number;
  readonly untilMs: number;
  readonly failed: { readonly atMs: number; readonly error: string } | null;
}

/** What a key's commands return: those of a {@link FleetLink}, without waiting. */
type Now<Command> = Command extends (name: string, input: infer Input) => Promise<infer Output>
  ? (input: Input) => Output
  : never;

/** A key on the fake server. */
export type FakeFleetKey = {
  readonly [Command in 'ask' | 'fail' | 'renew' | 'pull' | 'heal']: Now<FleetLink[Command]>;
} & {
  land(landing: Landing, isFull: boolean): Landed;
  /** Remembers all that is known of the key now. The returned function brings it back. */
  save(): () => void;
  /** All its claims that have not ended. */
  claims(): readonly FakeClaim[];
};

type Refusal = Extract<Failure['meaning'], { kind: 'refused' }>;

interface Account {
  partition: string | null;
  lastSeq: number;
  refused: { readonly error: string; readonly untilMs: number } | null;
  heldUntilMs: number;
  isProven: boolean;
  /** The last reading, whether the log has it or not, and the last one that was dropped from the log. */
  headSeq: number;
  droppedSeq: number;
  endsMs: number;
}

/** Makes a key of which nothing is known. What happens to it is told to `ring`. Times are those of `nowMs`. */
export function createFakeFleetKey(nowMs: () => number, ring: (bell: Bell) => void): FakeFleetKey {
  let account = noAccount();
  let log: readonly Reading[] = [];
  let logEndsMs = 0;
  let claims: readonly FakeClaim[] = [];
  let ledger: readonly Sent[] = [];
  let ledgerEndsMs = 0;

  const now = () => Math.floor(nowMs());

  function sweep(): void {
    if (account.endsMs <= now()) account = noAccount();
    if (logEndsMs <= now()) log = [];
    if (ledgerEndsMs <= now()) ledger = [];
    claims = claims.filter(({ untilMs }) => untilMs > now());
  }

  function touchAccount(partition: string): void {
    account.partition ??= partition;
    keepAccount();
  }

  function keepAccount(): void {
    account.endsMs = now() + (account.isProven ? ACCOUNT_MS : STRANGER_MS);
  }

  function nextSeq(floorSeq: number): number {
    const isPlausible = floorSeq <= (now() + MAX_AHEAD_MS) * SEQS_PER_MS;
    const clockSeq = Math.floor(nowMs() * SEQS_PER_MS);
    account.lastSeq = Math.max(account.lastSeq + 1, isPlausible ? floorSeq + 1 : 0, clockSeq);
    return account.lastSeq;
  }

  function enter(sent: Sent, windowMs: number): void {
    if (ledger.some(({ request }) => request === sent.request)) return;
    ledger = [...ledger, sent].sort((a, b) => a.atMs - b.atMs || (a.request < b.request ? -1 : 1));
    ledgerEndsMs = now() + windowMs;
  }

  /** Until when the ledger is full, or null where it has room for one more. */
  function spentUntilMs(limit: number, windowMs: number): number | null {
    ledger = ledger.filter(({ atMs }) => atMs > now() - windowMs);
    if (ledger.length < limit) return null;
    return (ledger[ledger.length - limit]?.atMs ?? now()) + windowMs;
  }

  function dropClaim(claim: Claim, request: string): FakeClaim | undefined {
    const dropped = claims.find((each) => isSameSpan(each, claim) && isOf(each, request) && !each.failed);
    claims = claims.filter((each) => each !== dropped);
    return dropped;
  }

  const logEnd = () => log.at(-1)?.readSeq ?? 0;
  const headSeq = () => Math.max(logEnd(), account.headSeq);
  const gapSeq = () => (logEnd() < account.headSeq ? account.headSeq : account.droppedSeq);

  /** What the key's account and its log say before anything is asked. */
  function answerOfKey(question: Question): Reply | null {
    const { partition, refused, heldUntilMs } = account;
    if (now() > question.expiresMs) return { kind: 'expired' };
    if (partition !== null && hasMoved(question, partition)) return { kind: 'moved', partition };
    if (refused && refused.untilMs > now()) return { kind: 'refused', ...refused };
    if (heldUntilMs > now()) return { kind: 'held', untilMs: heldUntilMs };
    const isOfOther = question.partition === null && partition !== null;
    const knownSeq = isOfOther ? 0 : question.headSeq;
    const readings = log.filter(({ readSeq }) => readSeq > knownSeq);
    return headSeq() > knownSeq ? { kind: 'behind', headSeq: headSeq(), gapSeq: gapSeq(), readings } : null;
  }

  /** What the requests of others say. */
  function answerOfClaims(question: Question): Reply | null {
    const serving = claims.filter((each) => serves(each, question));
    const underWay = serving.filter(({ failed }) => failed === null);
    if (underWay.length > 0) {
      return { kind: 'wait', untilMs: Math.max(...underWay.map(({ untilMs }) => untilMs)) };
    }
    const waitingSinceMs = question.waitingSinceMs ?? Number.POSITIVE_INFINITY;
    const [failure] = serving.flatMap(({ failed }) => failed ?? []).sort((a, b) => b.atMs - a.atMs);
    return failure && failure.atMs >= waitingSinceMs ? { kind: 'failed', error: failure.error } : null;
  }

  function ask(question: Question): Reply {
    sweep();
    const answer = answerOfKey(question) ?? answerOfClaims(question);
    if (answer) return answer;
    const { claim, request, windowMs } = question;
    const fullUntilMs = spentUntilMs(question.limit, windowMs);
    if (fullUntilMs !== null) return { kind: 'spent', untilMs: fullUntilMs };

    const partition = account.partition ?? question.partition ?? question.newPartition;
    touchAccount(partition);
    const askedSeq = nextSeq(question.floorSeq);
    enter({ request, atMs: now() }, windowMs);
    const untilMs = now() + CLAIM_MS;
    const claimed = { ...claim, request, retry: null, askedSeq, untilMs, failed: null };
    claims = [...claims.filter((each) => !isSameSpan(each, claim)), claimed];
    return { kind: 'go', partition, askedSeq, sentMs: now() };
  }

  /** Puts a reading into the log, in place of those of its subject that had come before it was asked for. */
  function append(reading: Reading, maxBytes: number): boolean {
    if (sizeOf([reading]) > maxBytes) return false;
    const isSuperseded = (each: Reading) =>
      each.subject === reading.subject && each.readSeq < reading.askedSeq;
    log = [...log.filter((each) => !isSuperseded(each)), reading];
    while (log.length > MAX_READINGS || sizeOf(log) > maxBytes || isOld(log[0])) {
      account.droppedSeq = log[0]?.readSeq ?? 0;
      log = log.slice(1);
    }
    logEndsMs = now() + LOG_MS;
    return true;
  }

  const isOld = (reading: Reading | undefined) => reading !== undefined && reading.readMs <= now() - LOG_MS;

  function land(landing: Landing, isFull: boolean): Landed {
    sweep();
    const { partition, askedSeq, subject, sealed, sent } = landing;
    if (account.partition !== null && account.partition !== partition) {
      return { kind: 'moved', partition: account.partition };
    }
    dropClaim(landing.claim, sent.request);
    if (now() > landing.expiresMs) {
      ring({ kind: 'failed', partition, claim: landing.claim, subject, error: null, sent });
      return { kind: 'expired' };
    }
    account.isProven = true;
    touchAccount(partition);
    const previousSeq = headSeq();
    account.droppedSeq = gapSeq();
    const readSeq = nextSeq(landing.floorSeq);
    const readMs = Math.floor(readSeq / SEQS_PER_MS);
    const reading = sealed === null ? null : { readSeq, readMs, askedSeq, subject, sealed, sent };
    const isShared =
      reading !== null && append(reading, isFull ? Math.max(FULL_LOG_BYTES, sizeOf(log)) : MAX_LOG_BYTES);
    account.headSeq = readSeq;
    ring({
      kind: 'landed',
      partition,
      previousSeq,
      readSeq,
      reading: isShared && reading.sealed.length <= 64 * 1024 ? reading : null,
      sent,
    });
    return { kind: 'landed', readSeq, readMs, previousSeq, isShared };
  }

  function fail(failure: Failure): void {
    sweep();
    const { partition, claim, sent, error, subject, meaning } = failure;
    const isOfNow = account.partition === null || account.partition === partition;
    if (meaning.kind === 'refused') {
      if (isOfNow) refuse(failure, meaning);
      return;
    }
    const dropped = isOfNow ? dropClaim(claim, sent.request) : undefined;
    if (dropped && error !== null) {
      const failed = { atMs: now(), error };
      claims = [...claims, { ...dropped, untilMs: now() + ERROR_MS, failed }];
    }
    if (meaning.kind === 'held') {
      touchAccount(partition);
      account.heldUntilMs = Math.max(account.heldUntilMs, meaning.untilMs);
      ring({ kind: 'held', untilMs: account.heldUntilMs, sent });
    } else ring({ kind: 'failed', partition, claim, subject, error, sent });
  }

  function refuse({ sent, ...failure }: Failure, { untilMs, newPartition: partition }: Refusal): void {
    const error = failure.error ?? '';
    account.partition = null;
    touchAccount(partition);
    account.refused = { error, untilMs };
    account.headSeq = 0;
    account.droppedSeq = 0;
    log = [];
    claims = [];
    ring({ kind: 'refused', partition, error, untilMs, sent });
  }

  function renew({ partition, claim, request, retry }: Renewal): 'renewed' | 'lost' | 'spent' {
    sweep();
    const isOfNow = account.partition === partition;
    const renewed = claims.find(
      (each) => isSameSpan(each, claim) && each.request === request && !each.failed,
    );
    if (!isOfNow || !renewed) return 'lost';
    if (retry) {
      if (spentUntilMs(retry.limit, retry.windowMs) !== null) return 'spent';
      enter({ request: retry.request, atMs: now() }, retry.windowMs);
    }
    const untilMs = now() + CLAIM_MS;
    claims = claims.map((each) =>
      each === renewed ? { ...each, untilMs, retry: retry?.request ?? each.retry } : each,
    );
    return 'renewed';
  }

  function pull(position: Position): KeyState {
    sweep();
    const { partition, refused, heldUntilMs, isProven } = account;
    const isSame = partition !== null && partition === position.partition;
    return {
      partition,
      headSeq: headSeq(),
      gapSeq: gapSeq(),
      readings: log.filter(({ readSeq }) => partition !== null && (!isSame || readSeq > position.headSeq)),
      refused: refused && refused.untilMs > now() ? refused : null,
      heldUntilMs: heldUntilMs > now() ? heldUntilMs : null,
      isProven,
      sent: ledger,
    };
  }

  function heal(knowledge: Knowledge): void {
    const { partition, sent, windowMs, heldUntilMs, keptSeq } = knowledge;
    sweep();
    const isOfNow = partition === null || account.partition === null || account.partition === partition;
    if (partition !== null) touchAccount(partition);
    if (isOfNow && (keptSeq !== null || account.headSeq < knowledge.headSeq)) {
      keepAccount();
      noteGap(Math.max(knowledge.headSeq, keptSeq ?? 0));
    }
    if (heldUntilMs !== null) {
      keepAccount();
      account.heldUntilMs = Math.max(account.heldUntilMs, heldUntilMs);
    }
    ledger = ledger.filter(({ atMs }) => atMs > now() - windowMs);
    for (const { request, atMs } of sent) {
      const enteredMs = Math.min(Math.floor(atMs), now());
      if (enteredMs > now() - windowMs) enter({ request, atMs: enteredMs }, windowMs);
    }
  }

  /** A gap is told like a reading that the log lacks. */
  function noteGap(floorSeq: number): void {
    const previousSeq = headSeq();
    const readSeq = nextSeq(floorSeq);
    account.headSeq = readSeq;
    account.droppedSeq = readSeq;
    const sent = { request: '-', atMs: 0 };
    ring({
      kind: 'landed',
      partition: account.partition ?? '.',
      previousSeq,
      readSeq,
      reading: null,
      sent,
    });
  }

  return {
    ask,
    land,
    fail,
    renew,
    pull,
    heal,
    claims() {
      sweep();
      return claims;
    },
    save() {
      const [savedAccount, ...saved] = [
        { ...account },
        log,
        logEndsMs,
        claims,
        ledger,
        ledgerEndsMs,
      ] as const;
      return () => {
        account = { ...savedAccount };
        [log, logEndsMs, claims, ledger, ledgerEndsMs] = saved;
      };
    },
  };
}

function noAccount(): Account {
  return {
    partition: null,
    lastSeq: 0,
    refused: null,
    heldUntilMs: 0,
    isProven: false,
    headSeq: 0,
    droppedSeq: 0,
    endsMs: Number.POSITIVE_INFINITY,
  };
}

function hasMoved(position: Position, partition: string): boolean {
  return position.partition !== null && position.partition !== partition;
}

function isSameSpan(a: Claim, b: Claim): boolean {
  return a.group === b.group && a.start === b.start && a.end === b.end;
}

function isOf(claim: FakeClaim, request: string): boolean {
  return claim.request === request || claim.retry === request;
}

function serves(claim: FakeClaim, { claim: wanted, sinceSeq }: Question): boolean {
  const covers = claim.group === wanted.group && claim.start <= wanted.start && claim.end >= wanted.end;
  return covers && claim.askedSeq > sinceSeq;
}

function sizeOf(log: readonly Reading[]): number {
  return log.reduce((size, { subject, sealed }) => size + subject.length + sealed.length, 0);
}

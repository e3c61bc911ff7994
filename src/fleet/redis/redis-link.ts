import type {
  Bell,
  Failure,
  FleetLink,
  KeyState,
  Knowledge,
  Landed,
  Landing,
  Position,
  Question,
  Renewal,
  Reply,
} from '../fleet-link.ts';
import { BellSubscriber } from './bell-subscriber.ts';
import { isOfOneKey } from './is-of-one-key.ts';
import { parseKeyState, parseLanded, parseReply } from './parse-replies.ts';
import type { RedisLinkOptions } from './redis-link-options.ts';
import type { RedisReply } from './run-script.ts';
import { ASK_SCRIPT } from './scripts/ask-script.ts';
import type { Script } from './scripts/create-script.ts';
import { FAIL_SCRIPT } from './scripts/fail-script.ts';
import { HEAL_SCRIPT } from './scripts/heal-script.ts';
import { LAND_FULL_SCRIPT, LAND_SCRIPT } from './scripts/land-script.ts';
import { PULL_SCRIPT } from './scripts/pull-script.ts';
import { RENEW_SCRIPT } from './scripts/renew-script.ts';
import { ServerWatch } from './server-watch.ts';
import { toStreamId } from './stream-id.ts';
import { MARKER_KEY, toKeys } from './to-keys.ts';
import { toSpan, toWord } from './words.ts';

/** So many requests are healed with one script, which nobody else can interrupt. */
const HEALED_AT_ONCE = 1000;

/** How long nothing is said of a server that is still full, in milliseconds. */
const SAY_FULL_MS = 60_000;

/** The link to a Redis server: each command is a script. */
export class RedisLink implements FleetLink {
  readonly #options: Required<RedisLinkOptions>;
  readonly #watch: ServerWatch;
  readonly #subscriber: BellSubscriber;
  readonly #listeners: (() => void)[] = [];
  #saidFullAtMs = Number.NEGATIVE_INFINITY;

  constructor(options: Required<RedisLinkOptions>) {
    this.#options = options;
    const tellChange = () => {
      for (const listener of this.#listeners) listener();
    };
    this.#watch = new ServerWatch(options, tellChange);
    this.#subscriber = new BellSubscriber(options, tellChange);
  }

  /** Tries to reach the server for the first time. Resolves whether it did or not. */
  async open(): Promise<void> {
    await Promise.all([this.#watch.look(), this.#subscriber.look()]);
  }

  get isUp(): boolean {
    return this.#watch.isUp;
  }

  get isListening(): boolean {
    return this.#subscriber.isListening;
  }

  nowMs(): number {
    return this.#watch.nowMs();
  }

  async ask(name: string, question: Question): Promise<Reply> {
    const facts = await this.#ask(name, question);
    // The keys of a script are named beforehand: a replica that knows no partition learns it first.
    if (facts[0] !== 'other') return parseReply(facts);
    return parseReply(await this.#ask(name, { ...question, partition: String(facts[1]), headSeq: 0 }));
  }

  async land(name: string, landing: Landing): Promise<Landed> {
    try {
      return await this.#land(LAND_SCRIPT, name, landing);
    } catch (error) {
      if (!this.#watch.isFull(error)) throw error;
      this.#sayFull();
      return this.#land(LAND_FULL_SCRIPT, name, landing);
    }
  }

  async fail(name: string, failure: Failure): Promise<void> {
    await this.#fail(name, failure, (...command) => this.#run(...command));
  }

  async #fail(
    name: string,
    { partition, claim, sent, error, subject, meaning }: Failure,
    run: (script: Script, keys: readonly string[], args: readonly (string | number)[]) => Promise<unknown>,
  ): Promise<void> {
    const keys = toKeys(name);
    await run(
      FAIL_SCRIPT,
      [keys.account, keys.log(partition), keys.subjects(partition), keys.claims(partition)],
      [
        this.#options.replica,
        keys.channel,
        partition,
        toSpan(claim),
        subject,
        sent.request,
        sent.atMs,
        toWord(error),
        meaning.kind,
        toWord(meaning.kind === 'none' ? null : meaning.untilMs),
        toWord(meaning.kind === 'refused' ? meaning.newPartition : null),
      ],
    );
  }

  async renew(name: string, renewal: Renewal): Promise<'renewed' | 'lost' | 'spent'> {
    const { partition, claim, request, retry } = renewal;
    const keys = toKeys(name);
    const [outcome] = await this.#run(
      RENEW_SCRIPT,
      [keys.account, keys.sent, keys.claims(partition), MARKER_KEY],
      [
        partition,
        toSpan(claim),
        request,
        toWord(retry?.request ?? null),
        retry?.limit ?? 0,
        retry?.windowMs ?? 0,
        this.#watch.marker,
      ],
    );
    return outcome === 'renewed' || outcome === 'spent' ? outcome : 'lost';
  }

  async pull(name: string, position: Position): Promise<KeyState> {
    const state = await this.#pull(name, position);
    if (state.partition === null || state.partition === position.partition) return state;
    // It may move once more meanwhile: then there is nothing to read yet.
    return this.#pull(name, { partition: state.partition, headSeq: 0 });
  }

  async heal(name: string, { sent, ...knowledge }: Knowledge): Promise<void> {
    const { account, sent: ledger, channel } = toKeys(name);
    const { partition, windowMs, heldUntilMs, headSeq, keptSeq } = knowledge;
    const { replica } = this.#options;
    const first = [
      replica,
      channel,
      toWord(partition),
      windowMs,
      toWord(heldUntilMs),
      headSeq,
      toWord(keptSeq),
    ];
    for (let index = 0; index === 0 || index < sent.length; index += HEALED_AT_ONCE) {
      const requests = sent
        .slice(index, index + HEALED_AT_ONCE)
        .flatMap(({ request, atMs }) => [request, atMs]);
      try {
        await this.#watch.send(HEAL_SCRIPT, [account, ledger], [...first, ...requests]);
      } catch (error) {
        // It cannot be healed, and must not keep the others from it.
        if (isOfOneKey(error)) return;
        throw error;
      }
    }
  }

  follow(name: string, onBell: (bell: Bell) => void): Promise<() => void> {
    return this.#subscriber.follow(name, onBell);
  }

  onChange(listener: () => void): void {
    this.#listeners.push(listener);
  }

  onReconnect(listener: (isEmptied: boolean) => Promise<void>): void {
    this.#watch.onReconnect(listener);
  }

  async close(): Promise<void> {
    this.#watch.close();
    this.#subscriber.close();
  }

  /** Says it once a minute at most. */
  #sayFull(): void {
    const { clock, logger } = this.#options;
    if (clock.now() < this.#saidFullAtMs + SAY_FULL_MS) return;
    this.#saidFullAtMs = clock.now();
    logger.warn({}, 'the server of the fleet is full: replicas share only what is small');
  }

  #ask(name: string, question: Question): Promise<readonly RedisReply[]> {
    const { claim } = question;
    const keys = toKeys(name);
    const partition = question.partition ?? question.newPartition;
    // A claim of which nobody knows would keep others waiting.
    const onLate = ([kind, claimed, , sentMs]: readonly RedisReply[]) => {
      if (kind === 'go') this.#giveUp(name, question, String(claimed), Number(sentMs));
    };
    return this.#run(
      ASK_SCRIPT,
      [keys.account, keys.sent, keys.log(partition), keys.claims(partition), MARKER_KEY],
      [
        partition,
        question.partition === null ? 0 : 1,
        toStreamId(question.headSeq),
        claim.group,
        claim.start,
        claim.end,
        question.sinceSeq,
        question.floorSeq,
        question.request,
        question.limit,
        question.windowMs,
        toWord(question.waitingSinceMs),
        question.expiresMs,
        this.#watch.marker,
      ],
      onLate,
    );
  }

  /** Ends the claim of a request that was granted too late to be sent. */
  #giveUp(name: string, { claim, request }: Question, partition: string, sentMs: number): void {
    const sent = { request, atMs: sentMs };
    // It says nothing of what was asked for.
    const failure: Failure = { partition, claim, sent, subject: '-', error: null, meaning: { kind: 'none' } };
    this.#fail(name, failure, (...command) => this.#watch.send(...command)).catch(() => {
      // Then it ends by itself.
    });
  }

  async #land(script: Script, name: string, landing: Landing): Promise<Landed> {
    const { partition, claim, sent } = landing;
    const keys = toKeys(name);
    const facts = await this.#run(
      script,
      [keys.account, keys.log(partition), keys.subjects(partition), keys.claims(partition)],
      [
        this.#options.replica,
        keys.channel,
        partition,
        toSpan(claim),
        landing.subject,
        landing.askedSeq,
        toWord(landing.sealed),
        landing.floorSeq,
        sent.request,
        sent.atMs,
        landing.expiresMs,
      ],
    );
    return parseLanded(facts);
  }

  async #pull(name: string, { partition, headSeq }: Position): Promise<KeyState> {
    const { account, sent, log } = toKeys(name);
    const keys = [account, sent, log(partition ?? '')];
    return parseKeyState(await this.#run(PULL_SCRIPT, keys, [toWord(partition), toStreamId(headSeq)]));
  }

  async #run(
    script: Script,
    keys: readonly string[],
    args: readonly (string | number)[],
    onLate?: (facts: readonly RedisReply[]) => void,
  ): Promise<readonly RedisReply[]> {
    if (!this.#watch.isUp) throw new Error('The server of the fleet is gone.');
    const facts = await this.#watch.send(script, keys, args, onLate);
    if (facts[0] === 'emptied') throw this.#watch.noteEmptied();
    return facts;
  }
}

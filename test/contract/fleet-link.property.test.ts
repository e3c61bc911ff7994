import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { FleetLink, KeyState, Landed, Missed, Reading, Reply } from '../../src/fleet/fleet-link.ts';
import { connectRedisLink } from '../../src/fleet/redis/connect-redis-link.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { createFakeFleetServer } from '../support/fake-fleet-server.ts';
import { landing, question, uniqueName } from '../support/fleet-link-contract.ts';
import { hasRedisServer, type RedisServer, startRedisServer } from '../support/redis-server.ts';
import { silentLogger } from '../support/silent-logger.ts';

const CASES = { numRuns: 60 };
const LIMIT = 6;
const WINDOW_MS = 600_000;

/** Claims end after three seconds of real time: what took longer says nothing. */
const QUICK_MS = 2000;

const aClaim = fc.record({
  group: fc.constantFrom('g1', 'g2'),
  start: fc.constantFrom(0, 10),
  end: fc.constantFrom(10.5, 20),
});
/** One of the requests so far. */
const aRequest = fc.nat(5);

const aStep = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('ask' as const),
      claim: aClaim,
      since: fc.nat(8),
      knowsPartition: fc.boolean(),
      hasWaited: fc.boolean(),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('land' as const),
      request: aRequest,
      subject: fc.constantFrom('s1', 's2', 's3'),
      isLarge: fc.boolean(),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('fail' as const),
      request: aRequest,
      error: fc.constantFrom('sealed', null),
      meaning: fc.constantFrom('none', 'none', 'held', 'refused'),
      isOver: fc.boolean(),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('renew' as const), request: aRequest, isRetry: fc.boolean() }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('heal' as const),
      count: fc.nat(2),
      hasKept: fc.boolean(),
      isAhead: fc.boolean(),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('pull' as const) }) },
);

type Step = typeof aStep extends fc.Arbitrary<infer Value> ? Value : never;
type AskStep = Extract<Step, { kind: 'ask' }>;

/** One replica that does the steps with a key: what it was told, in words that do not depend on the time. */
class Walk {
  readonly #link: FleetLink;
  readonly #name = uniqueName('key');
  readonly #requests: { partition: string; claim: AskStep['claim']; askedSeq: number; request: string }[] =
    [];
  readonly #seqs: number[] = [];
  #partition: string | null = null;
  #headSeq = 0;
  #count = 0;

  constructor(link: FleetLink) {
    this.#link = link;
  }

  async take(step: Step): Promise<unknown> {
    this.#count += 1;
    if (step.kind === 'ask') return this.#ask(step);
    if (step.kind === 'pull') return this.#pull();
    if (step.kind === 'heal') {
      const sent = Array.from({ length: step.count }, (_, index) => ({ request: `healed${index}`, atMs: 0 }));
      const known = sent.map((each) => ({ ...each, atMs: this.#link.nowMs() }));
      const partition = this.#partition;
      return this.#link.heal(this.#name, {
        partition,
        sent: known,
        windowMs: WINDOW_MS,
        heldUntilMs: null,
        headSeq: step.isAhead ? Number.MAX_SAFE_INTEGER : this.#headSeq,
        keptSeq: step.hasKept ? 1 : null,
      });
    }
    const asked = this.#requests.at(-1 - step.request);
    if (!asked) return null;
    const { partition, claim, request } = asked;
    if (step.kind === 'renew') {
      const again = { request: `retry${this.#count}`, limit: LIMIT, windowMs: WINDOW_MS };
      return this.#link.renew(this.#name, { partition, claim, request, retry: step.isRetry ? again : null });
    }
    const sent = { request, atMs: 1 };
    if (step.kind === 'land') {
      const sealed = step.isLarge ? null : `x${this.#count}`;
      const { askedSeq } = asked;
      const landed = landing(partition, { claim, askedSeq, subject: step.subject, sealed, sent });
      return this.#tellLanded(await this.#link.land(this.#name, landed));
    }
    const untilMs = step.isOver ? 1 : this.#link.nowMs() + WINDOW_MS;
    const newPartition = `p${this.#count}`;
    const meaning = { kind: step.meaning, untilMs, newPartition } as {
      kind: 'refused';
      untilMs: number;
      newPartition: string;
    };
    return this.#link.fail(this.#name, { partition, claim, sent, error: step.error, subject: 's', meaning });
  }

  async #ask({ claim, since, knowsPartition, hasWaited }: AskStep): Promise<unknown> {
    const request = `r${this.#count}`;
    const reply = await this.#link.ask(
      this.#name,
      question({
        partition: knowsPartition ? this.#partition : null,
        headSeq: this.#headSeq,
        claim,
        sinceSeq: this.#requests[since]?.askedSeq ?? 0,
        request,
        newPartition: `p${this.#count}`,
        limit: LIMIT,
        windowMs: WINDOW_MS,
        waitingSinceMs: hasWaited ? 0 : null,
      }),
    );
    if (reply.kind === 'go') this.#requests.push({ ...reply, claim, request });
    if (reply.kind === 'moved' || reply.kind === 'go') this.#partition = reply.partition;
    if (reply.kind === 'moved') this.#headSeq = 0;
    if (reply.kind === 'behind') this.#headSeq = reply.headSeq;
    return this.#tellReply(reply);
  }

  async #pull(): Promise<unknown> {
    const state = await this.#link.pull(this.#name, { partition: this.#partition, headSeq: this.#headSeq });
    this.#partition = state.partition;
    this.#headSeq = state.headSeq;
    return this.#tellState(state);
  }

  #tellReply(reply: Reply): unknown {
    if (reply.kind === 'behind') return { kind: reply.kind, ...this.#tellMissed(reply) };
    return { ...reply, untilMs: null, askedSeq: null, sentMs: null };
  }

  #tellLanded(landed: Landed): unknown {
    if (landed.kind !== 'landed') return landed;
    const previous = this.#placeOf(landed.previousSeq);
    this.#seqs.push(landed.readSeq);
    return { kind: landed.kind, previous, isShared: landed.isShared };
  }

  #tellState({ refused, heldUntilMs, sent, partition, isProven, ...missed }: KeyState): unknown {
    return {
      partition,
      isProven,
      ...this.#tellMissed(missed),
      refusal: refused?.error,
      isHeld: heldUntilMs !== null,
      sent: sent.map(({ request }) => request).sort(),
    };
  }

  #tellMissed({ headSeq, gapSeq, readings }: Missed): object {
    return {
      head: this.#placeOf(headSeq),
      gap: this.#placeOf(gapSeq),
      isGap: gapSeq > 0,
      readings: this.#tell(readings),
    };
  }

  #tell(readings: readonly Reading[]): unknown {
    return readings.map(({ readSeq, subject, sealed, sent }) => [
      this.#placeOf(readSeq),
      subject,
      sealed,
      sent,
    ]);
  }

  #placeOf(seq: number): number {
    return this.#seqs.indexOf(seq);
  }
}

describe.skipIf(!hasRedisServer())('whatever a replica does', () => {
  let server: RedisServer;
  let link: FleetLink;

  beforeAll(async () => {
    server = await startRedisServer();
    const { socketUrl: url } = server;
    link = await connectRedisLink({
      url,
      replica: 'a',
      clock: systemClock,
      logger: silentLogger,
      deadlineMs: 10_000,
    });
  });

  afterAll(async () => {
    await link.close();
    await server.close();
  });

  test('the fake server and Redis tell it the same', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(aStep, { minLength: 5, maxLength: 40 }), async (steps) => {
        const clock = createFakeClock();
        const [real, fake] = [new Walk(link), new Walk(createFakeFleetServer(clock).connect('a'))];
        const begin = performance.now();
        for (const step of steps) {
          // Each step is later than the one before, as it is in reality.
          clock.advance(1);
          const [told, expected] = [await real.take(step), await fake.take(step)];
          if (performance.now() - begin > QUICK_MS) return;
          expect({ step, told }).toEqual({ step, told: expected });
        }
      }),
      CASES,
    );
  });
});

import { setImmediate } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { ApiKey } from '../../src/auth/api-key.ts';
import type { Seq } from '../../src/jobs/seq.ts';
import type { Abandonment } from '../../src/lib/abandonment.ts';
import { Admission } from '../../src/store/admission/admission.ts';
import { LogicalClock } from '../../src/store/admission/logical-clock.ts';
import { OperationBudget } from '../../src/store/admission/operation-budget.ts';
import type {
  KeyReader,
  PendingRequest,
  Permit,
  Served,
  UpstreamPort,
} from '../../src/store/admission/upstream-port.ts';
import { type Cached, PartitionedCache } from '../../src/store/cache/partitioned-cache.ts';
import type { ReadScope } from '../../src/store/read-scope.ts';
import { createReadThrough, type Resource } from '../../src/store/read-through.ts';
import { UpstreamError } from '../../src/upstream/upstream-error.ts';
import { aScope, WINDOW_MS } from '../support/account-builder.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { ADMISSION_LIMITS } from '../support/store-limits.ts';

type Count = Cached<number>;

/** A request of the counter that upstream has not answered yet. */
interface Fetch {
  readonly subject: string;
  readonly signal: Abandonment;
  readonly answer: (count: number) => void;
  readonly fail: (error: Error) => void;
}

/** All that a new route would need: counters that upstream keeps, by name. A counter is fresh for a second. */
function counterResource(cache: PartitionedCache, fetches: Fetch[]): Resource<string, number, Count> {
  const counts = cache.section<Count>(() => 8);
  return {
    name: 'counter',
    nameOf: (name) => name,
    freshMs: () => 1000,
    fetch: (_, subject, { signal = new AbortController().signal }) =>
      new Promise((answer, fail) => {
        signal.addEventListener('abort', () => fail(new Error('aborted')));
        fetches.push({ subject, signal, answer, fail });
      }),
    lookup(partition, name, since) {
      const known = counts.get(partition, name);
      return known !== null && known.askedSeq > since ? known : null;
    },
    keep(partition, name, answer, when) {
      if (answer instanceof UpstreamError) throw answer;
      const known = counts.get(partition, name);
      // What was asked for later stands, in whatever order the answers come.
      if (known !== null && known.askedSeq > when.askedSeq) return known;
      const count = { ...when, value: answer };
      counts.set(partition, name, count);
      return count;
    },
  };
}

/** A port that lets nothing out before it is told to. */
class WaitingPort implements UpstreamPort {
  readonly #inner: UpstreamPort;
  readonly #waiting: (() => void)[] = [];

  constructor(inner: UpstreamPort) {
    this.#inner = inner;
  }

  get seq(): Seq {
    return this.#inner.seq;
  }

  onNews(reader: KeyReader, listener: () => void): () => void {
    return this.#inner.onNews(reader, listener);
  }

  async enter<T>(entry: PendingRequest<T>): Promise<Permit | Served<T>> {
    await new Promise<void>((go) => this.#waiting.push(go));
    const served = entry.lookup();
    return served === null ? this.#inner.enter(entry) : { served };
  }

  catchUp(): null {
    return null;
  }

  isCurrent(): boolean {
    return true;
  }

  /** How many requests wait. */
  get waitingCount(): number {
    return this.#waiting.length;
  }

  /** Lets out what has waited the longest. */
  letOne(): void {
    this.#waiting.shift()?.();
  }
}

/** The pipeline of the counter, and who reads through it. */
function openCounter({ isWaiting = false } = {}) {
  const clock = createFakeClock();
  const limits = { requests: 1000, windowMs: WINDOW_MS };
  const logicalClock = new LogicalClock(clock);
  const admission = new Admission({ ...ADMISSION_LIMITS, limits, clock, logicalClock, random: () => 1 });
  const port = new WaitingPort(admission);
  const cache = new PartitionedCache({ maxEntries: 100, maxBytes: 100_000, lifetimeMs: WINDOW_MS }, clock);
  const fetches: Fetch[] = [];
  const events: string[] = [];
  const resource = counterResource(cache, fetches);
  const counters = createReadThrough(resource, {
    port: isWaiting ? port : admission,
    clock,
    observe: () => {},
  });
  const [alice, bob] = [new ApiKey('alice'), new ApiKey('bob')];
  const readerOf = (key: ApiKey, scope: Partial<ReadScope> = {}) => ({
    key,
    account: admission.accountOf(key),
    scope: aScope({
      startedSeq: admission.seq,
      observe: ({ kind, resource: name }) =>
        events.push(`${kind} ${name} ${key === alice ? 'alice' : 'bob'}`),
      ...scope,
    }),
  });
  const read = (scope: Partial<ReadScope> = {}, since?: Seq, key = alice) =>
    counters.read(readerOf(key, scope), 'visits', since).then(({ value }) => value);
  const at = (index: number): Fetch => {
    const fetch = fetches[index];
    if (fetch === undefined) throw new RangeError(`Only ${fetches.length} requests were sent.`);
    return fetch;
  };
  /** Keeps what somebody else has read, which was asked for just before unless said otherwise. */
  const learn = (count: number, askedSeq = logicalClock.stamp().seq) =>
    resource.keep(admission.accountOf(alice).partition, 'visits', count, {
      askedSeq,
      read: logicalClock.stamp(),
    });
  /** Reads once with this answer. */
  async function readAs(count: number, scope: Partial<ReadScope> = {}): Promise<number> {
    const answer = read(scope);
    await setImmediate();
    at(fetches.length - 1).answer(count);
    return answer;
  }
  const reading = { counters, readerOf, read, readAs, learn, at };
  return { clock, logicalClock, admission, port, fetches, events, alice, bob, ...reading };
}

const unavailable = new UpstreamError('unavailable', '503');

describe('who asks the cache alone', () => {
  const refusal = (error: Error & { kind?: string }) => error.kind;

  test('gets what was read since, however short anything stays fresh, and nobody hears of it', async () => {
    const { read, learn, logicalClock, clock, events } = openCounter();
    const startedSeq = logicalClock.latest;
    learn(1);
    clock.advance(5000);
    expect([await read({ onlyIfCached: true, maxAgeMs: 0, startedSeq }), events]).toEqual([1, []]);
  });

  test('gets nothing older, sends nothing, and nobody hears of it', async () => {
    const { read, learn, fetches, events } = openCounter();
    learn(1);
    expect(await read({ onlyIfCached: true, maxAgeMs: 0 }).catch(refusal)).toBe('too-expensive');
    await setImmediate();
    expect([fetches, events]).toEqual([[], []]);
  });

  test('waits for no request of others', async () => {
    const { read, at, events } = openCounter();
    const answer = read();
    await setImmediate();
    expect(await read({ onlyIfCached: true }).catch(refusal)).toBe('too-expensive');
    at(0).answer(1);
    expect([await answer, events]).toEqual([1, ['sent counter alice', 'landed counter alice']]);
  });

  test('gets nothing old in place of a failure while the key is held', async () => {
    const { read, readAs, at, clock } = openCounter();
    await readAs(1);
    clock.advance(1000);
    const held = read();
    await setImmediate();
    at(1).fail(tooMany);
    await held;
    expect(await read({ onlyIfCached: true }).catch(refusal)).toBe('too-expensive');
  });
});
const tooMany = new UpstreamError('rate-limited', '429', { retryAfterMs: 5000 });

describe('a resource', () => {
  test('is read once while it is fresh', async () => {
    const { read, readAs, clock, fetches } = openCounter();
    const first = await readAs(1);
    clock.advance(999);
    expect([first, await read(), fetches.length]).toEqual([1, 1, 1]);
  });

  test('is read again once it is old', async () => {
    const { readAs, clock, fetches } = openCounter();
    await readAs(1);
    clock.advance(1000);
    expect([await readAs(2), fetches.length]).toEqual([2, 2]);
  });

  test('is read again where it must be fresh, once for each operation', async () => {
    const { readAs, read, readerOf, alice, fetches } = openCounter();
    await readAs(1);
    const { scope } = readerOf(alice, { mustBeFresh: true });
    expect([await readAs(2, scope), await read(scope), fetches.length]).toEqual([2, 2, 2]);
  });

  test('is shown old and marked as stale while the key is held', async () => {
    const { readAs, read, at, clock } = openCounter();
    await readAs(1);
    clock.advance(1000);
    let isStale = false;
    const markStale = () => {
      isStale = true;
    };
    const answer = read({ markStale });
    await setImmediate();
    at(1).fail(tooMany);
    expect([await answer, isStale]).toEqual([1, true]);
  });

  test('is not shown old to who would rather have nothing', async () => {
    const { readAs, read, at, clock } = openCounter();
    await readAs(1);
    clock.advance(1000);
    const answer = read({ mayBeStale: false }).catch(({ kind }) => kind);
    await setImmediate();
    at(1).fail(tooMany);
    expect(await answer).toBe('rate-limited');
  });

  test('is not shown old where upstream fails', async () => {
    const { readAs, read, at, clock } = openCounter();
    await readAs(1);
    clock.advance(1000);
    const answer = read().catch(({ kind }) => kind);
    await setImmediate();
    at(1).fail(unavailable);
    expect(await answer).toBe('unavailable');
  });

  test('is read by each key for itself, also at the same time', async () => {
    const { read, at, bob, fetches } = openCounter();
    const answers = Promise.all([read(), read({}, undefined, bob)]);
    await setImmediate();
    at(0).answer(1);
    at(1).answer(2);
    expect([await answers, await read(), await read({}, undefined, bob), fetches.length]).toEqual([
      [1, 2],
      1,
      2,
      2,
    ]);
  });

  test('is read anew once its key was refused', async () => {
    const { readAs, admission, alice, fetches } = openCounter();
    await readAs(1);
    const account = admission.accountOf(alice);
    account.failed('x', new UpstreamError('unauthenticated', '401'), 0, -10_000);
    expect([await readAs(2), fetches.length]).toEqual([2, 2]);
  });

  test('is kept from the cache of a key that was refused meanwhile', async () => {
    const { read, at, admission, alice, counters, readerOf } = openCounter();
    const answer = read();
    await setImmediate();
    admission.accountOf(alice).failed('x', new UpstreamError('unauthenticated', '401'), 0, 0);
    at(0).answer(1);
    expect([await answer, counters.peek(readerOf(alice), 'visits')]).toEqual([1, null]);
  });
});

describe('the observer hears', () => {
  test('what becomes of each read, in order', async () => {
    const { readAs, read, at, clock, events } = openCounter();
    await readAs(1);
    await read();
    clock.advance(1000);
    const both = [read(), read()];
    await setImmediate();
    at(1).answer(2);
    await Promise.all(both);
    clock.advance(1000);
    const failing = read().catch(String);
    await setImmediate();
    at(2).fail(unavailable);
    await failing;
    await read().catch(String);
    expect(events).toEqual([
      'sent counter alice',
      'landed counter alice',
      'hit counter alice',
      'sent counter alice',
      'joined counter alice',
      'landed counter alice',
      'sent counter alice',
      'failed counter alice',
      'refused counter alice',
    ]);
  });

  test('of what is shown old while the key is held', async () => {
    const { readAs, read, at, clock, events } = openCounter();
    await readAs(1);
    clock.advance(1000);
    const held = read();
    await setImmediate();
    at(1).fail(tooMany);
    await held;
    await read();
    const expected = ['sent', 'landed', 'sent', 'failed', 'stale', 'refused', 'stale'];
    expect(events).toEqual(expected.map((kind) => `${kind} counter alice`));
  });
});

describe('a request that waits for admission', () => {
  test('is joined by who comes meanwhile', async () => {
    const { read, at, port, fetches } = openCounter({ isWaiting: true });
    const answers = Promise.all([read(), read()]);
    port.letOne();
    await setImmediate();
    at(0).answer(7);
    expect([await answers, fetches.length]).toEqual([[7, 7], 1]);
  });

  test('brings its answer to the part of the cache that the key has when it is sent', async () => {
    const { read, at, port, learn, fetches, admission, alice, clock } = openCounter({ isWaiting: true });
    learn(1);
    clock.advance(2000);
    const answer = read();
    admission.accountOf(alice).giveUp();
    port.letOne();
    await setImmediate();
    at(0).answer(2);
    expect([await answer, await read(), fetches.length]).toEqual([2, 2, 1]);
  });

  test('is not sent where what is wanted came meanwhile, and costs its operation nothing', async () => {
    const { read, port, learn, fetches, events } = openCounter({ isWaiting: true });
    const operationBudget = new OperationBudget(1);
    const answer = read({ operationBudget });
    learn(7);
    port.letOne();
    expect([await answer, fetches, events]).toEqual([7, [], []]);
    expect(() => operationBudget.spend()).not.toThrow();
  });

  test.each([
    ['is not joined by who may use the reserve, where it may not', false, true, 2],
    ['is joined by who may not use the reserve, where it may', true, false, 1],
  ])('%s', async (_, first, second, waitingCount) => {
    const { read, at, port, fetches } = openCounter({ isWaiting: true });
    const answers = Promise.all([read({ mustBeFresh: first }), read({ mustBeFresh: second })]);
    expect(port.waitingCount).toBe(waitingCount);
    port.letOne();
    await setImmediate();
    at(0).answer(1);
    await setImmediate();
    port.letOne();
    expect([await answers, fetches.length]).toEqual([[1, 1], 1]);
  });

  test('is not joined by who needs a later answer than it may be served with', async () => {
    const { read, at, port, learn, logicalClock } = openCounter({ isWaiting: true });
    const { seq: early } = logicalClock.stamp();
    const { seq: since } = logicalClock.stamp();
    const answers = Promise.all([read(), read({}, since)]);
    learn(20, early);
    port.letOne();
    port.letOne();
    await setImmediate();
    at(0).answer(23);
    expect(await answers).toEqual([20, 23]);
  });
});

describe('a request that was sent', () => {
  test('is joined by who needs no later answer than it can give', async () => {
    const { read, at, logicalClock, fetches } = openCounter();
    const { seq: since } = logicalClock.stamp();
    const first = read();
    await setImmediate();
    const second = read({}, since);
    await setImmediate();
    at(0).answer(1);
    expect([await first, await second, fetches.length]).toEqual([1, 1, 1]);
  });

  test('is not joined by who needs a later one', async () => {
    const { read, at, logicalClock } = openCounter();
    const first = read();
    await setImmediate();
    const second = read({}, logicalClock.stamp().seq);
    await setImmediate();
    at(0).answer(20);
    const early = await first;
    at(1).answer(23);
    expect([early, await second]).toEqual([20, 23]);
  });

  test('is not joined by who could be shown what was read after it was sent', async () => {
    const { read, at, learn } = openCounter();
    const slow = read();
    await setImmediate();
    learn(23);
    const urgent = read({ mustBeFresh: true });
    await setImmediate();
    at(0).answer(20);
    at(1).answer(24);
    await slow;
    expect(await urgent).toBe(24);
  });

  test('is answered by what overtook it', async () => {
    const { read, at, learn, counters, readerOf, alice } = openCounter();
    const slow = read();
    await setImmediate();
    learn(23);
    at(0).answer(20);
    expect([await slow, counters.peek(readerOf(alice), 'visits')?.value]).toEqual([23, 23]);
  });

  test('is aborted once nobody waits for its answer', async () => {
    const { read, at } = openCounter();
    const leaver = new AbortController();
    const left = read({ deadline: leaver });
    await setImmediate();
    leaver.abort(new Error('gone'));
    await expect(left).rejects.toThrow('gone');
    expect(at(0).signal.aborted).toBe(true);
  });

  test('is not sent for who has left before', async () => {
    const { read, fetches } = openCounter();
    await expect(read({ deadline: { signal: AbortSignal.abort(new Error('gone')) } })).rejects.toThrow(
      'gone',
    );
    expect(fetches).toEqual([]);
  });
});

describe('the operation budget', () => {
  test('is spent on what is sent, and on nothing that was joined, refused or cached', async () => {
    const { read, readAs, at, clock, admission, alice } = openCounter();
    const operationBudget = new OperationBudget(2);
    await readAs(1, { operationBudget });
    await read({ operationBudget });
    clock.advance(1000);
    const started = read();
    const joined = read({ operationBudget });
    await setImmediate();
    at(1).answer(2);
    await Promise.all([started, joined]);
    clock.advance(1000);
    admission.accountOf(alice).failed('x', tooMany, clock.now(), clock.now());
    await read({ operationBudget });
    clock.advance(5000);
    expect(await readAs(3, { operationBudget })).toBe(3);
    clock.advance(1000);
    await expect(read({ operationBudget })).rejects.toMatchObject({ kind: 'too-expensive' });
  });
});

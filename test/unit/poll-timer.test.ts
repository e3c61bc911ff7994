import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ApiKey } from '../../src/auth/api-key.ts';
import { nextIntervalMs, type PollSubscriber } from '../../src/live/poll-timer.ts';
import { Pollers } from '../../src/live/pollers.ts';
import type { JobStore } from '../../src/store/job-store.ts';
import { createNews } from '../support/create-news.ts';
import { createFakeClock, type FakeClock } from '../support/fake-clock.ts';
import { scriptedStore } from '../support/scripted-store.ts';

const limits = { minIntervalMs: 2000, maxIntervalMs: 15_000 };

describe('the interval between polls', () => {
  test('is the shortest while there is something new', () => {
    expect(nextIntervalMs(15_000, true, limits)).toBe(2000);
  });

  test('grows by half at each quiet poll, up to the longest', () => {
    const intervals = [2000];
    for (let count = 0; count < 7; count += 1)
      intervals.push(nextIntervalMs(intervals.at(-1) ?? 0, false, limits));
    expect(intervals).toEqual([2000, 3000, 4500, 6750, 10_125, 15_000, 15_000, 15_000]);
  });

  test('stays within its limits, whatever they are', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(), fc.array(fc.boolean()), (minIntervalMs, more, polls) => {
        const within = { minIntervalMs, maxIntervalMs: minIntervalMs + more };
        let intervalMs = minIntervalMs;
        for (const isFast of polls) intervalMs = nextIntervalMs(intervalMs, isFast, within);
        expect(intervalMs).toBeGreaterThanOrEqual(minIntervalMs);
        expect(intervalMs).toBeLessThanOrEqual(within.maxIntervalMs);
      }),
    );
  });
});

const [alice, bob, carol] = [new ApiKey('alice-key'), new ApiKey('bob-key'), new ApiKey('carol-key')];
const noJobs = () => Promise.reject(new Error('No jobs are read here.'));
const aSubscriber = (fields: Partial<PollSubscriber> = {}): PollSubscriber => ({
  poll() {},
  look: async () => false,
  ...fields,
});

describe('the timer of a set of keys', () => {
  /** Pollers over a store that has this pace for each key. */
  function createPollers(paces: ReadonlyMap<ApiKey, ReturnType<JobStore['paceOf']>> = new Map()) {
    const clock = createFakeClock();
    const paceOf = (key: ApiKey) => paces.get(key) ?? { slowdown: 1, waitMs: 0 };
    const store = scriptedStore(noJobs, { paceOf });
    return { clock, pollers: new Pollers({ store, clock, limits }) };
  }

  test('is the same in whatever order they come, until its last subscriber has left', () => {
    const { clock, pollers } = createPollers();
    const timer = pollers.timerOf([alice, bob]);
    const unsubscribe = timer.subscribe(aSubscriber(), clock.now());
    expect([pollers.timerOf([bob, alice]) === timer, pollers.timerOf([alice]) === timer]).toEqual([
      true,
      false,
    ]);
    unsubscribe();
    expect([pollers.timerOf([bob, alice]) === timer, clock.pending]).toEqual([false, 0]);
  });

  test('keeps the pace of the key that may be asked first', () => {
    const { clock, pollers } = createPollers(
      new Map([
        [alice, { slowdown: 1, waitMs: 37_000 }],
        [bob, { slowdown: 3, waitMs: 0 }],
      ]),
    );
    const startMs = clock.now();
    const polledAtMs: number[] = [];
    const poll = (nowMs: number) => void polledAtMs.push(nowMs - startMs);
    pollers.timerOf([alice, bob]).subscribe(aSubscriber({ poll }), startMs);
    clock.advance(20_000);
    expect(polledAtMs).toEqual([6000, 12_000, 18_000]);
  });

  /** When each set of keys is polled with, of sets that are watched from these times on. */
  function pollTimes(
    watched: readonly (readonly [fromMs: number, keys: readonly ApiKey[]])[],
    paces?: Parameters<typeof createPollers>[0],
  ): readonly number[][] {
    const { clock, pollers } = createPollers(paces);
    const startMs = clock.now();
    const polls = watched.map(([fromMs, keys]) => {
      clock.advance(startMs + fromMs - clock.now());
      const times: number[] = [];
      const poll = (nowMs: number) => void times.push(nowMs - startMs);
      pollers.timerOf(keys).subscribe(aSubscriber({ poll }), clock.now());
      return times;
    });
    clock.advance(8000);
    return polls;
  }

  test('polls together with those of other sets that have one of its keys, and never later than by itself', () => {
    expect(
      pollTimes([
        [0, [alice]],
        [700, [alice, bob]],
        [1400, [alice, carol]],
      ]),
    ).toEqual([
      [2000, 3400, 5400, 7400, 9400],
      [2000, 3400, 5400, 7400, 9400],
      [3400, 5400, 7400, 9400],
    ]);
  });

  test('comes to poll together with all others that have a key in common, whenever each began', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(20_000), { minLength: 2, maxLength: 6 }), (froms) => {
        const watched = froms
          .toSorted((a, b) => a - b)
          .map((fromMs, index) => [fromMs, [alice, new ApiKey(`${index}-key`)]] as const);
        const times = pollTimes(watched);
        const gaps = times.flatMap((each) => each.slice(1).map((atMs, index) => atMs - (each[index] ?? 0)));
        expect(Math.max(...gaps)).toBeLessThanOrEqual(2000);
        expect(new Set(times.map((each) => each.at(-1))).size).toBe(1);
      }),
    );
  });

  test('keeps to itself where no other one has its keys, or the pace is another', () => {
    expect(
      pollTimes([
        [0, [alice]],
        [700, [bob]],
      ]),
    ).toEqual([
      [2000, 4000, 6000, 8000],
      [2700, 4700, 6700, 8700],
    ]);
    const paces = new Map([[bob, { slowdown: 1.5, waitMs: 0 }]]);
    expect(
      pollTimes(
        [
          [0, [alice, bob]],
          [700, [bob]],
        ],
        paces,
      ),
    ).toEqual([
      [2000, 4000, 6000, 8000],
      [3700, 6700],
    ]);
  });
});

/** A replica with a timer of its own, whose subscriber notes when it polls and looks, in seconds, and finds what a test says. */
function openReplica({ clock = createFakeClock(), random = 0, keys = [alice] } = {}) {
  const startMs = clock.now();
  const news = createNews();
  const state = { partition: 0, waitMs: 0 };
  const store = scriptedStore(noJobs, {
    onNews: news.onNews,
    partitionOf: () => state.partition,
    paceOf: () => ({ slowdown: 1, waitMs: state.waitMs }),
  });
  const pollers = new Pollers({ store, clock, limits, random: () => random });
  const timer = pollers.timerOf(keys);
  const events: string[] = [];
  const at = () => (clock.now() - startMs) / 1000;
  const finds = { poll: () => {}, look: async () => true };
  const subscriber = aSubscriber({
    poll() {
      events.push(`poll ${at()}`);
      finds.poll();
    },
    async look() {
      events.push(`look ${at()}`);
      return finds.look();
    },
  });
  const leave = timer.subscribe(subscriber, clock.now());
  const hear = async (key = alice) => {
    news.tell(key);
    await setImmediate();
  };
  const nextPollMs = () => clock.untilNextMs;
  return { clock, news, state, timer, events, finds, leave, hear, nextPollMs };
}

/** Lets time pass in steps, in each of which everything settles. */
async function pass(clock: FakeClock, ms: number) {
  for (let passedMs = 0; passedMs < ms; passedMs += 50) {
    clock.advance(50);
    await setImmediate();
  }
}

describe('a timer that hears of news', () => {
  test.each([
    [0, 2000],
    [0.5, 2100],
    [1, 2200],
  ])('looks, and polls one interval and up to a tenth later (at random %d)', async (random, delayMs) => {
    const { clock, events, hear, nextPollMs } = openReplica({ random });
    clock.advance(1500);
    await hear();
    expect([events, nextPollMs()]).toEqual([['look 1.5'], delayMs]);
  });

  test('keeps its schedule where not everything was read', async () => {
    const { clock, timer, events, hear, nextPollMs } = openReplica();
    timer.subscribe(aSubscriber({ look: async () => false }), clock.now());
    clock.advance(1500);
    await hear();
    expect([events, nextPollMs()]).toEqual([['look 1.5'], 500]);
  });

  test('polls sooner where the key need not wait so long any more', async () => {
    const { clock, state, events, finds, hear, nextPollMs } = openReplica();
    finds.look = async () => false;
    state.waitMs = 600_000;
    clock.advance(2000);
    expect(nextPollMs()).toBe(600_000);
    state.waitMs = 0;
    clock.advance(1500);
    await hear();
    expect([events, nextPollMs()]).toEqual([['poll 2', 'look 3.5'], 2000]);
  });

  test('keeps its schedule for who came while it looked', async () => {
    const { clock, timer, finds, hear, nextPollMs } = openReplica();
    clock.advance(1500);
    finds.look = async () => {
      timer.subscribe(aSubscriber(), clock.now());
      return true;
    };
    await hear();
    expect(nextPollMs()).toBe(500);
  });

  test('keeps the schedule of a poll that came while it looked', async () => {
    const { clock, events, finds, hear, nextPollMs } = openReplica({ random: 1 });
    let found = (_: boolean) => {};
    finds.look = () => new Promise((resolve) => (found = resolve));
    clock.advance(1500);
    await hear();
    clock.advance(600);
    found(true);
    await setImmediate();
    expect([events, nextPollMs()]).toEqual([['look 1.5', 'poll 2'], 1900]);
  });

  test('polls less and less while others find nothing new, and quickly once they do', async () => {
    const { clock, timer, finds, hear, nextPollMs } = openReplica();
    clock.advance(60_000);
    const delays: unknown[] = [];
    for (let count = 0; count < 3; count += 1) {
      clock.advance(1000);
      await hear();
      delays.push(nextPollMs());
    }
    finds.look = async () => {
      timer.speedUp(Number.POSITIVE_INFINITY, clock.now());
      return true;
    };
    await hear();
    delays.push(nextPollMs());
    expect(delays).toEqual([4500, 6750, 10_125, 2000]);
  });

  test('polls quickly where the first of several news told something new, and the last completes them', async () => {
    const { clock, timer, finds, hear, nextPollMs } = openReplica();
    clock.advance(60_000);
    finds.look = async () => {
      timer.speedUp(Number.POSITIVE_INFINITY, clock.now());
      return false;
    };
    await hear();
    clock.advance(500);
    finds.look = async () => true;
    await hear();
    expect(nextPollMs()).toBe(2000);
  });

  test('does not poll at once for newcomers while others have just read', async () => {
    const { clock, timer, hear } = openReplica();
    clock.advance(1999);
    await hear();
    clock.advance(1999);
    expect(timer.pollNow(clock.now())).toBe(false);
  });

  test('looks once at a time, and once more for all that came meanwhile', async () => {
    const { news, events, finds } = openReplica();
    const looks: ((isRefreshed: boolean) => void)[] = [];
    finds.look = () => new Promise((resolve) => looks.push(resolve));
    for (let count = 0; count < 5; count += 1) news.tell(alice);
    await setImmediate();
    expect(events).toHaveLength(1);
    looks[0]?.(true);
    await setImmediate();
    expect(events).toHaveLength(2);
    looks[1]?.(true);
    await setImmediate();
    expect(events).toHaveLength(2);
  });

  test('hears of all its keys and of no others, until its last subscriber has left', async () => {
    const { news, events, leave, hear } = openReplica({ keys: [alice, bob] });
    await hear(alice);
    await hear(bob);
    await hear(new ApiKey('carol-key'));
    expect([events.length, news.listening]).toEqual([2, 2]);
    leave();
    expect(news.listening).toBe(0);
  });

  test('schedules nothing for who left while it looked', async () => {
    const { clock, news, finds, leave, hear } = openReplica();
    finds.look = async () => {
      leave();
      return true;
    };
    await hear();
    expect([news.listening, clock.pending]).toEqual([0, 0]);
  });

  test('polls at once where a key was refused, each time once', async () => {
    const { clock, state, events, hear } = openReplica();
    clock.advance(500);
    state.partition = 1;
    await hear();
    await hear();
    expect(events).toEqual(['poll 0.5', 'look 0.5']);
  });
});

describe.each([0, 1])('two replicas, at random %d,', (random) => {
  /**
   * Replicas that hear of each other's requests 200 ms after they were sent, and send none while one is under way. The
   * second one begins 300 ms after the first.
   */
  async function openFleet() {
    const clock = createFakeClock();
    const first = openReplica({ clock, random });
    await pass(clock, 300);
    const second = openReplica({ clock, random });
    const sentAtMs = { first: [] as number[], second: [] as number[] };
    let isUnderWay = false;
    const send = (by: keyof typeof sentAtMs, other: typeof first) => () => {
      if (isUnderWay) return;
      isUnderWay = true;
      sentAtMs[by].push(clock.now());
      clock.schedule(200, () => {
        isUnderWay = false;
        other.news.tell(alice);
      });
    };
    first.finds.poll = send('first', second);
    second.finds.poll = send('second', first);
    return { clock, first, sentAtMs };
  }

  test('send no more than one would, and always the same one does', async () => {
    const { clock, sentAtMs } = await openFleet();
    await pass(clock, 50_000);
    expect([sentAtMs.first.length, sentAtMs.second.length]).toEqual([25, 0]);
  });

  test('go on where one is gone, once its last request is an interval and a tenth ago', async () => {
    const { clock, first, sentAtMs } = await openFleet();
    await pass(clock, 10_500);
    first.leave();
    await pass(clock, 3000);
    const lateMs = (sentAtMs.second[0] ?? 0) - (sentAtMs.first.at(-1) ?? 0) - 200;
    expect(lateMs).toBe(random === 0 ? 2000 : 2200);
  });
});

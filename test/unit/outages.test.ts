import { describe, expect, test } from 'vitest';
import { ApiKey } from '../../src/auth/api-key.ts';
import { createJobStore } from '../../src/store/job-store.ts';
import { UpstreamError } from '../../src/upstream/upstream-error.ts';
import { aScope } from '../support/account-builder.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { scriptedClient } from '../support/scripted-client.ts';
import { STORE_LIMITS } from '../support/store-limits.ts';

const key = new ApiKey('alice-key');
const POLL_MS = 1500;

/** A store over an upstream without HTTP between them. The counts of the searches that `isFailing` names fail. */
function openStore({ requests = 1000, isFailing = (_search: string): boolean => false } = {}) {
  let fails = isFailing;
  let asked = 0;
  const clock = createFakeClock();
  const client = scriptedClient({
    async listJobs(_, { search = '' }) {
      asked += 1;
      if (fails(search)) throw new UpstreamError('unavailable', 'The qBraid API is down.');
      return { items: [], total: 0 };
    },
  });
  const store = createJobStore({
    ...STORE_LIMITS,
    client,
    clock,
    budget: { requests, windowMs: 900_000 },
  });

  /** Asks for the count of a search. */
  async function count(search: string): Promise<number | UpstreamError> {
    const request = { filter: { search }, page: { page: 1, limit: 1 } };
    const [answer] = await store.listJobs(key, [request], aScope({ startedSeq: store.seq }));
    if (answer instanceof UpstreamError) return answer;
    if (answer === undefined || answer instanceof Error) throw answer;
    return answer.total;
  }

  /** Polls these searches, all at once, for so long. Gives how many of the last answers were counts. */
  async function poll(searches: readonly string[], forMs: number): Promise<number> {
    let fine = 0;
    for (let atMs = 0; atMs < forMs; atMs += POLL_MS) {
      const answers = await Promise.all(searches.map(count));
      fine = answers.filter((answer) => typeof answer === 'number').length;
      clock.advance(POLL_MS);
    }
    return fine;
  }

  const setFailing = (isFailingNow: typeof isFailing) => {
    fails = isFailingNow;
  };
  return { clock, count, poll, setFailing, asked: () => asked };
}

const all = () => true;
const none = () => false;
const searches = (count: number, prefix = 'q') => Array.from({ length: count }, (_, index) => prefix + index);

describe('an outage of 36 s, with 60 clients that poll every 1.5 s,', () => {
  test('costs no more than 10 requests where all want the same', async () => {
    const { poll, setFailing, asked } = openStore();
    const same = Array<string>(60).fill('same');
    await poll(same, 3000);
    const before = asked();
    setFailing(all);
    await poll(same, 36_000);
    expect(asked() - before).toBeLessThanOrEqual(10);
    setFailing(none);
    expect(await poll(same, 36_000)).toBe(60);
  });

  test.each([
    ['', 1000, 80],
    // What is read often and without a thought of the budget was read too lately for a failure to be an outage.
    [', with a budget that nothing slows down', 10_000, 200],
  ])('costs few requests where each wants something else%s', async (_, requests, most) => {
    const { poll, setFailing, asked } = openStore({ requests });
    await poll(searches(60), 4500);
    const before = asked();
    setFailing(all);
    await poll(searches(60), 36_000);
    expect(asked() - before).toBeLessThanOrEqual(most);
    setFailing(none);
    // Only what was the probe again and again waits longer.
    expect(await poll(searches(60), 7500)).toBeGreaterThan(50);
  });

  test('costs little more than one request each where it was there from the beginning', async () => {
    const { poll, asked } = openStore({ isFailing: all });
    await poll(searches(60), 36_000);
    expect(asked()).toBeLessThanOrEqual(80);
  });
});

describe('lists that always fail', () => {
  const openPoisoned = () => openStore({ isFailing: (search) => search.startsWith('poison') });

  test.each([3, 10, 30])('by the %i, do not keep others from being read that are polled', async (count) => {
    const store = openPoisoned();
    const poisoned = searches(count, 'poison');
    // Each of them has its turn until it has failed itself.
    await store.poll(poisoned, 120_000);
    const fineAtMs: number[] = [];
    for (let atMs = 0; atMs < 60_000; atMs += POLL_MS) {
      await Promise.all(poisoned.map(store.count));
      if ((await store.count('healthy')) === 0) fineAtMs.push(atMs);
      store.clock.advance(POLL_MS);
    }
    const turnsMs = [0, ...fineAtMs, 60_000];
    const gapsMs = turnsMs.slice(1).map((atMs, index) => atMs - (turnsMs[index] ?? 0));
    expect(Math.max(...gapsMs)).toBeLessThanOrEqual(7500);
  });

  test('do not keep those waiting who come back when they are told', async () => {
    const { poll, count, clock } = openPoisoned();
    const poisoned = searches(10, 'poison');
    await poll(poisoned, 60_000);
    const answer = await count('healthy');
    clock.advance(typeof answer === 'number' ? 0 : (answer.facts.retryAfterMs ?? 0));
    await Promise.all(poisoned.map(count));
    expect(await count('healthy')).toBe(0);
  });
});

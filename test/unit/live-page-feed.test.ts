import { describe, expect, test } from 'vitest';

// By its address, since this part of the page has no types.
const { JobFeed } = await import(new URL('../../pages/live-jobs/job-feed.js', import.meta.url).href);

describe('the feed of the live page', () => {
  test('reads a gap one page after the other, however often the head changes meanwhile', async () => {
    const { asked, answer, pushHead } = openFeed();
    pushHead(numbers(1000, 25));
    pushHead(numbers(2000, 25));
    for (let change = 1; change <= 5; change += 1) {
      pushHead(numbers(2000 + change, 25));
      await answer();
    }
    expect(new Set(asked.map(({ after }) => after)).size).toBe(asked.length);
    expect(Math.max(...asked.map(({ atOnce }) => atOnce))).toBe(1);
  });

  test('watches the jobs behind the head again if the gateway ends that stream', async () => {
    const { watched, answer, pushHead, feed } = openFeed();
    pushHead(numbers(100, 25));
    const reading = feed.loadMore();
    await answer();
    await reading;
    const [, older] = watched;
    older?.ended?.();
    expect(watched.map(({ name }) => name)).toEqual(['LiveJobs', 'OlderJobsThatMove', 'OlderJobsThatMove']);
  });
});

/** So many numbers of jobs, from the newest one down. */
const numbers = (newest: number, count: number) =>
  Array.from({ length: count }, (_, index) => newest - index);

function toPage(shown: readonly number[]) {
  return {
    totalCount: 5000,
    fetchedAt: '2026-01-14T10:00:00.000Z',
    sources: [],
    edges: shown.map((number) => ({ cursor: `${number}`, node: jobOf(number) })),
    pageInfo: { hasNextPage: true },
  };
}

const jobOf = (number: number) => ({
  id: `${number}`,
  qrn: `qbraid:job:${number}`,
  keys: ['default'],
  status: 'RUNNING',
  isTerminal: false,
});

interface Watching {
  readonly name: string;
  readonly next: (answer: object) => void;
  readonly ended?: () => void;
}

/** A feed over a connection on which the test answers. */
function openFeed() {
  const watched: Watching[] = [];
  const asked: { readonly after: string; readonly atOnce: number }[] = [];
  const waiting: (() => void)[] = [];
  const connection = {
    watch(text: string, _: object, handlers: Omit<Watching, 'name'>) {
      watched.push({ name: /subscription (\w+)/.exec(text)?.[1] ?? '', ...handlers });
      return () => {};
    },
    ask(_: string, { after }: { after: string }) {
      const answer = { data: { jobs: toPage(numbers(Number(after) - 1, 50)) } };
      const asking = new Promise((resolve) => waiting.push(() => resolve(answer)));
      asked.push({ after, atOnce: waiting.length });
      return asking;
    },
  };
  const feed = new JobFeed(connection, {}, { changed() {}, failed: expect.fail });
  return {
    feed,
    watched,
    asked,
    pushHead: (shown: readonly number[]) => watched[0]?.next({ data: { jobsChanged: toPage(shown) } }),
    /** Answers the request that was sent first, and waits until the feed has taken it. */
    async answer() {
      waiting.shift()?.();
      await new Promise(setImmediate);
    },
  };
}

import { describe, expect, test } from 'vitest';
import { NEVER } from '../../src/jobs/seq.ts';
import { PartitionedCache } from '../../src/store/cache/partitioned-cache.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import {
  ALL,
  type Caches,
  notFound,
  openCaches,
  PARTITION,
  printPage,
  theJob,
} from '../support/open-caches.ts';
import { stampAt } from '../support/stamp.ts';

const text = 'x'.repeat(100_000);

describe('an entry', () => {
  function openSections({ maxEntries = 10 } = {}) {
    const clock = createFakeClock();
    const cache = new PartitionedCache({ maxEntries, maxBytes: 10_000, lifetimeMs: 5000 }, clock);
    const open = () => cache.section<string>((value) => value.length);
    return { clock, cache, jobs: open(), pages: open() };
  }

  test('is seen in its partition, its section and by its name alone', () => {
    const { jobs, pages } = openSections();
    jobs.set(1, 'a', 'one');
    expect([jobs.get(1, 'a'), jobs.get(2, 'a'), jobs.get(1, 'b'), pages.get(1, 'a')]).toEqual([
      'one',
      null,
      null,
      null,
    ]);
  });

  test('of one partition has no name that reaches into another', () => {
    const { jobs } = openSections();
    jobs.set(1, '1 job a', 'one');
    expect([jobs.get(1, 'a'), jobs.get(11, 'a')]).toEqual([null, null]);
  });

  test('is gone once it is deleted', () => {
    const { jobs } = openSections();
    jobs.set(1, 'a', 'one');
    jobs.delete(1, 'a');
    expect(jobs.get(1, 'a')).toBeNull();
  });

  test('that is too large is not kept, nor what was there before: the partition counts as changed', () => {
    const { cache, jobs } = openSections();
    jobs.set(1, 'a', 'one');
    const before = cache.versions.of(1).content;
    jobs.set(1, 'a', text);
    expect([jobs.get(1, 'a'), cache.versions.of(1).content > before]).toEqual([null, true]);
  });

  test('is evicted where there are too many, the least recently used first', () => {
    const { jobs } = openSections({ maxEntries: 2 });
    jobs.set(1, 'a', 'one');
    jobs.set(1, 'b', 'two');
    jobs.get(1, 'a');
    jobs.set(1, 'c', 'three');
    expect(['a', 'b', 'c'].map((name) => jobs.get(1, name))).toEqual(['one', null, 'three']);
  });

  test.each([
    ['the lifetime of the cache', {}, 5000],
    ['a lifetime of its own', { lifetimeMs: 2000 }, 2000],
  ])('lives for %s', (_, options, lifetimeMs) => {
    const { jobs, clock } = openSections();
    jobs.set(1, 'a', 'one', options);
    clock.advance(lifetimeMs);
    expect(jobs.get(1, 'a')).toBe('one');
    clock.advance(1);
    expect(jobs.get(1, 'a')).toBeNull();
  });

  test('that replaces one whose lifetime is over, and keeps it, is in the way of none that comes after it', () => {
    const { jobs, clock } = openSections({ maxEntries: 3 });
    jobs.set(1, 'a', 'one');
    clock.advance(5001);
    jobs.set(1, 'a', 'two', { keepsLifetime: true });
    jobs.set(1, 'a', 'three');
    jobs.set(1, 'b', 'x');
    jobs.set(1, 'c', 'y');
    expect(jobs.get(1, 'a')).toBe('three');
  });

  test('that is too large replaces what was there, and is not there', () => {
    const { jobs } = openSections();
    jobs.set(1, 'a', 'one');
    jobs.set(1, 'a', text);
    const whileTooLarge = jobs.get(1, 'a');
    jobs.set(1, 'a', 'two');
    expect([whileTooLarge, jobs.get(1, 'a')]).toEqual([null, 'two']);
  });

  test('that keeps the lifetime of the one before lives no longer', () => {
    const { jobs, clock } = openSections();
    jobs.set(1, 'a', 'one');
    clock.advance(3000);
    jobs.set(1, 'a', 'two', { keepsLifetime: true });
    clock.advance(2000);
    expect(jobs.get(1, 'a')).toBe('two');
    clock.advance(1);
    expect(jobs.get(1, 'a')).toBeNull();
  });
});

describe('what is cached is bounded', () => {
  test('by entries, under 30,000 different jobs', () => {
    const { cache, pages, now } = openCaches({ maxEntries: 5000, maxBytes: 1_000_000_000 });
    const sample = theJob('a:0');
    const sizes: number[] = [];
    for (let page = 1; page <= 300; page += 1) {
      const items = Array.from({ length: 100 }, (_, index) => {
        const qrn = `a:${page * 100 + index}`;
        return { identity: qrn, isNamed: true, job: { ...sample, qrn } };
      });
      pages.keep(PARTITION, ALL, { page, limit: 100 }, { items, total: 1_000_000 }, now());
      if (page % 100 === 0) sizes.push(cache.size.entries);
    }
    expect(new Set(sizes)).toEqual(new Set([5000]));
    expect(cache.size.bytes).toBeLessThan(20_000_000);
  });

  test('by bytes, however large the jobs are', () => {
    const maxBytes = 1_000_000;
    const { cache, keepJob, keepPage } = openCaches({ maxBytes });
    for (let time = 0; time < 500; time += 1) {
      const metadata = { text: 'x'.repeat(time * 10) };
      keepJob(`a:${time}`, theJob(`a:${time}`, { metadata }));
      keepPage([theJob(`b:${time}`, { metadata })], { page: time + 1, limit: 1 });
      expect(cache.size.bytes).toBeLessThanOrEqual(maxBytes);
    }
    expect(cache.size.bytes).toBeGreaterThan(maxBytes / 2);
  });

  const when = { askedSeq: NEVER, read: stampAt(0) };
  const onePage = { page: 1, limit: 1 };
  test.each<[string, (caches: Caches) => unknown]>([
    ['text of a job', ({ keepJob }) => keepJob('a:1', theJob('a:1', { statusMsg: text }))],
    ['options of a job', ({ keepJob }) => keepJob('a:1', theJob('a:1', { runtimeOptions: { text } }))],
    ['name of a list', ({ pages }) => pages.keep(PARTITION, text, onePage, { items: [], total: 0 }, when)],
    [
      'place that cannot be read',
      ({ pages }) =>
        pages.keep(
          PARTITION,
          ALL,
          onePage,
          { items: [{ identity: text, isNamed: false, job: notFound }], total: 1 },
          when,
        ),
    ],
  ])('and counts every large %s', (_, keep) => {
    const caches = openCaches();
    keep(caches);
    expect(caches.cache.size.bytes).toBeGreaterThan(100_000);
  });

  test('and what is too large to be cached is given all the same', () => {
    const { jobs, now, keepPage } = openCaches({ maxBytes: 10_000 });
    const large = theJob('a:1', { metadata: { text: 'x'.repeat(20_000) } });
    expect(jobs.keep(PARTITION, 'a:1', large, now()).value).toMatchObject({ job: { qrn: 'a:1' } });
    expect(printPage(keepPage([large]))).toEqual(['a:1 RUNNING']);
    expect(jobs.lookup(PARTITION, 'a:1')).toBeNull();
  });
});

import { describe, expect, test } from 'vitest';
import { NEVER } from '../../src/jobs/seq.ts';
import { ValueCache } from '../../src/store/cache/value-cache.ts';
import { openCaches, PARTITION } from '../support/open-caches.ts';

function openValues(limits = {}) {
  const caches = openCaches(limits);
  const values = new ValueCache<{ readonly n: number }>({
    cache: caches.cache,
    bytesOf: () => 100,
  });
  return { ...caches, values };
}

describe('a cache of values', () => {
  test('has the latest reading of each name, for the key that read it', () => {
    const { values, now } = openValues();
    values.keep(PARTITION, 'a', { n: 1 }, now());
    values.keep(PARTITION, 'a', { n: 2 }, now());
    expect(values.lookup(PARTITION, 'a', NEVER)?.value).toEqual({ n: 2 });
    expect(values.lookup(PARTITION, 'b', NEVER)).toBeNull();
    expect(values.lookup(PARTITION + 1, 'a', NEVER)).toBeNull();
  });

  test('has nothing that was asked for before then', () => {
    const { values, now, ask } = openValues();
    values.keep(PARTITION, 'a', { n: 1 }, now());
    expect(values.lookup(PARTITION, 'a', ask())).toBeNull();
  });

  test('lets a reading stand that was there before a late one was asked for', () => {
    const { values, now, ask } = openValues();
    const early = ask();
    values.keep(PARTITION, 'a', { n: 2 }, now());
    expect(values.keep(PARTITION, 'a', { n: 1 }, now(early)).value).toEqual({ n: 2 });
    expect(values.lookup(PARTITION, 'a', NEVER)?.value).toEqual({ n: 2 });
  });

  test('tells a change from a confirmation', () => {
    const { values, now, cache } = openValues();
    values.keep(PARTITION, 'a', { n: 1 }, now());
    const before = cache.versions.of(PARTITION);
    values.keep(PARTITION, 'a', { n: 1 }, now());
    const confirmed = cache.versions.of(PARTITION);
    values.keep(PARTITION, 'a', { n: 2 }, now());
    const changed = cache.versions.of(PARTITION);
    expect([confirmed.content === before.content, confirmed.reading === before.reading]).toEqual([
      true,
      false,
    ]);
    expect(changed.content).not.toBe(before.content);
  });
});

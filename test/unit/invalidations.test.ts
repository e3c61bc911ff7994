import { describe, expect, test } from 'vitest';
import { NEVER } from '../../src/jobs/seq.ts';
import { openCaches, PARTITION } from '../support/open-caches.ts';

describe('what a client changed', () => {
  test('is remembered for the job and for all lists of its key, and for nothing else', () => {
    const { invalidations, ask } = openCaches();
    const seq = ask();
    invalidations.jobChanged(PARTITION, 'a:1', { seq, status: null });
    expect([invalidations.ofJob(PARTITION, 'a:1').seq, invalidations.ofLists(PARTITION)]).toEqual([seq, seq]);
    expect([
      invalidations.ofJob(PARTITION, 'a:2').seq,
      invalidations.ofJob(PARTITION + 1, 'a:1').seq,
      invalidations.ofLists(PARTITION + 1),
    ]).toEqual([NEVER, NEVER, NEVER]);
  });

  test('is remembered as of the last time, in whatever order it is heard', () => {
    const { invalidations, ask } = openCaches();
    const [first, second] = [ask(), ask()];
    invalidations.jobChanged(PARTITION, 'a:1', { seq: second, status: 'CANCELLING' });
    invalidations.jobChanged(PARTITION, 'a:1', { seq: first, status: null });
    expect(invalidations.ofJob(PARTITION, 'a:1')).toEqual({ seq: second, status: 'CANCELLING' });
  });

  test('makes what was shown before no longer right', () => {
    const { invalidations, ask, cache } = openCaches();
    const { content } = cache.versions.of(PARTITION);
    invalidations.jobChanged(PARTITION, 'a:1', { seq: ask(), status: null });
    expect(cache.versions.of(PARTITION).content).not.toBe(content);
  });

  test('is not shown as it was before where there is too much to remember', () => {
    const { invalidations, ask } = openCaches();
    const before = ask();
    for (let number = 0; number < 20_000; number += 1)
      invalidations.jobChanged(PARTITION, `a:${number}`, { seq: ask(), status: null });
    expect(invalidations.ofJob(PARTITION, 'a:0').seq > before).toBe(true);
  });

  test('is remembered for as long as anything that was read before may be cached', () => {
    const { invalidations, ask, clock } = openCaches({ lifetimeMs: 900_000 });
    const seq = ask();
    invalidations.jobChanged(PARTITION, 'a:1', { seq, status: null });
    clock.advance(899_000);
    expect(invalidations.ofJob(PARTITION, 'a:1').seq).toBe(seq);
    clock.advance(2000);
    expect(invalidations.ofJob(PARTITION, 'a:1').seq).toBe(NEVER);
  });
});

import { describe, expect, test } from 'vitest';
import { ApiKey } from '../../src/auth/api-key.ts';
import { KeyAccounts } from '../../src/store/admission/key-accounts.ts';
import { PartitionVersions } from '../../src/store/cache/partition-versions.ts';
import { UpstreamError } from '../../src/upstream/upstream-error.ts';
import { type Caches, notFound, openCaches, PARTITION, theJob } from '../support/open-caches.ts';

const queued = theJob('a:1', { status: 'QUEUED' });
const running = theJob('a:1', { status: 'RUNNING' });
const other = theJob('a:2');

/** What the second of two steps moves: both numbers, only that of readings, or none. */
function movedBy(first: (caches: Caches) => unknown, second: (caches: Caches) => unknown, limits = {}) {
  const caches = openCaches(limits);
  first(caches);
  const before = caches.cache.versions.of(PARTITION);
  second(caches);
  const after = caches.cache.versions.of(PARTITION);
  if (after.content !== before.content) return 'content';
  return after.reading === before.reading ? 'nothing' : 'reading';
}

const job =
  (...[name, answer]: Parameters<Caches['keepJob']>) =>
  ({ keepJob }: Caches) =>
    keepJob(name, answer);
const page =
  (...[jobs, options]: Parameters<Caches['keepPage']>) =>
  ({ keepPage }: Caches) =>
    keepPage(jobs, options);
const nothing = () => {};

describe('the version of a partition', () => {
  test.each([
    ['stays where nothing was read', nothing, nothing, 'nothing'],
    [
      'stays where something is looked up',
      job('a:1', queued),
      ({ jobs }: Caches) => jobs.lookup(1, 'a:1'),
      'nothing',
    ],
    ['counts a job that was never read as a reading', nothing, job('a:1', queued), 'reading'],
    [
      'counts a job that is as it was as a reading',
      job('a:1', queued),
      job('a:1', theJob('a:1', { status: 'QUEUED' })),
      'reading',
    ],
    ['moves with a job that changed', job('a:1', queued), job('a:1', running), 'content'],
    ['moves with a job that is refused', job('a:1', queued), job('a:1', notFound), 'content'],
    ['counts the first page of a list as a reading', nothing, page([queued]), 'reading'],
    ['counts a page that is as it was as a reading', page([queued, other]), page([queued, other]), 'reading'],
    ['moves with a page on which a job changed', page([queued]), page([running]), 'content'],
    ['moves with a page that changes what was read of a job', job('a:1', queued), page([running]), 'content'],
    ['moves with a page in another order', page([queued, other]), page([other, queued]), 'content'],
    ['moves with another total', page([queued]), page([queued], { total: 99 }), 'content'],
    [
      'moves with another part of a list that was read',
      page([queued]),
      page([queued], { limit: 20 }),
      'content',
    ],
    [
      'moves with a page that is as it was before another one told something else',
      ({ keepPage }: Caches) => [keepPage([queued, other]), keepPage([other], { limit: 1, total: 99 })],
      page([queued, other]),
      'content',
    ],
    [
      'counts a page as a reading that is as it was, and as another one told meanwhile',
      ({ keepPage }: Caches) => [keepPage([queued, other]), keepPage([queued], { limit: 1 })],
      page([queued, other]),
      'reading',
    ],
  ])('%s', (_, first, second, moved) => {
    expect(movedBy(first, second)).toBe(moved);
  });

  test('moves where something is evicted: nobody could tell whether the next reading changes it', () => {
    expect(movedBy(job('a:1', queued), job('a:2', other), { maxEntries: 1 })).toBe('content');
  });

  test('stays where another partition changes', () => {
    const { cache, jobs, now } = openCaches();
    const before = cache.versions.of(PARTITION);
    for (const state of [queued, running]) jobs.keep(2, 'a:1', state, now());
    expect(cache.versions.of(PARTITION)).toEqual(before);
  });

  test('never comes again, also where a partition was forgotten', () => {
    const versions = new PartitionVersions();
    const before = versions.of(1);
    for (let partition = 2; partition < 20_010; partition += 1) versions.of(partition);
    expect(versions.of(1).content).toBeGreaterThan(before.reading);
  });
});

describe('a partition is given up', () => {
  function openAccounts() {
    const givenUp: number[] = [];
    const accounts = new KeyAccounts({
      limits: { requests: 1000, windowMs: 900_000 },
      random: () => 1,
      onDoubt: (partition) => givenUp.push(partition),
    });
    return { accounts, givenUp };
  }

  test('once its key is refused', () => {
    const { accounts, givenUp } = openAccounts();
    const account = accounts.of(new ApiKey('alice'));
    const { partition } = account;
    account.failed('x', new UpstreamError('unauthenticated', '401'), 0, 0);
    expect([givenUp, account.partition === partition]).toEqual([[partition], false]);
  });

  test('once its account is evicted, of whose refusals nobody would hear', () => {
    const { accounts, givenUp } = openAccounts();
    const { partition } = accounts.of(new ApiKey('alice'));
    for (let index = 0; index < 10_000; index += 1) accounts.of(new ApiKey(`key-${index}`));
    expect(givenUp).toEqual([partition]);
  });
});

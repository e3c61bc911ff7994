import { expect, test } from 'vitest';
import { ALL, openCaches, PARTITION, theJob } from '../support/open-caches.ts';

const PENDING = 'statusGroup=pending';

test('what was looked for in vain is known for a minute, by partition and list', () => {
  const { negatives, clock } = openCaches();
  negatives.add(PARTITION, ALL, 'a:1');
  const look = () => [
    negatives.has(PARTITION, ALL, 'a:1'),
    negatives.has(PARTITION, PENDING, 'a:1'),
    negatives.has(PARTITION, ALL, 'a:2'),
    negatives.has(PARTITION, ALL, null),
    negatives.has(2, ALL, 'a:1'),
  ];
  expect(look()).toEqual([true, false, false, false, false]);
  clock.advance(60_001);
  expect(look()[0]).toBe(false);
});

test('a search that was in vain is known by list, and says nothing of single jobs', () => {
  const { negatives } = openCaches();
  negatives.add(PARTITION, ALL, null);
  expect([
    negatives.has(PARTITION, ALL, null),
    negatives.has(PARTITION, PENDING, null),
    negatives.has(PARTITION, ALL, 'a:1'),
  ]).toEqual([true, false, false]);
});

test('a job is no longer missing in a list once a page of that list holds it', () => {
  const { negatives, keepPage } = openCaches();
  for (const list of [ALL, PENDING]) negatives.add(PARTITION, list, 'a:1');
  keepPage([theJob('a:1')]);
  expect([ALL, PENDING].map((list) => negatives.has(PARTITION, list, 'a:1'))).toEqual([false, true]);
});

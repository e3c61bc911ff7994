import { expect, test } from 'vitest';
import { mapBounded } from '../../src/lib/map-bounded.ts';

test('maps all items, in their order, and never more at once than it may', async () => {
  let [underWay, most] = [0, 0];
  const results = await mapBounded([3, 1, 2, 5, 4], 2, async (item) => {
    underWay += 1;
    most = Math.max(most, underWay);
    for (let turn = 0; turn < item; turn += 1) await null;
    underWay -= 1;
    return item * 10;
  });
  expect([results, most]).toEqual([[30, 10, 20, 50, 40], 2]);
});

test('maps nothing where there is nothing', async () => {
  expect(await mapBounded([], 3, () => Promise.reject(new Error('never called')))).toEqual([]);
});

test('fails with the first failure', async () => {
  const map = (item: number) => (item === 2 ? Promise.reject(new Error('no 2')) : Promise.resolve(item));
  await expect(mapBounded([1, 2, 3], 2, map)).rejects.toThrow('no 2');
});

import { expect, test } from 'vitest';
import type { ListFilter, PageRequest } from '../../src/upstream/job-list.ts';
import { toSearchParams } from '../../src/upstream/to-search-params.ts';

test.each<[filter: ListFilter, page: PageRequest | undefined, expected: string]>([
  [{}, undefined, ''],
  [{}, { page: 1, limit: 50 }, 'page=1&limit=50'],
  [{ status: 'HOLD' }, { page: 3, limit: 100 }, 'status=HOLD&page=3&limit=100'],
  [{ statusGroup: 'returned' }, undefined, 'statusGroup=returned'],
  [{ search: 'a&page=2#x y%' }, { page: 1, limit: 1 }, 'search=a%26page%3D2%23x+y%25&page=1&limit=1'],
  [
    { tags: { env: 'prod', run: 7, final: false } },
    undefined,
    'tags=%7B%22env%22%3A%22prod%22%2C%22run%22%3A7%2C%22final%22%3Afalse%7D',
  ],
  [
    { search: 'x', status: 'FAILED', provider: 'iqm', vendor: 'aws' },
    undefined,
    'vendor=aws&provider=iqm&status=FAILED&search=x',
  ],
])('%j on the page %j is asked for as %s', (filter, page, expected) => {
  expect(toSearchParams(filter, page)).toBe(expected);
});

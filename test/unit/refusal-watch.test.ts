import { expect, test } from 'vitest';
import { ApiKey } from '../../src/auth/api-key.ts';
import { RefusalWatch } from '../../src/graphql/refusal-watch.ts';

test('finds each refusal once, and keeps whose key it was', () => {
  const partitions = new Map([
    ['alice', 1],
    ['bob', 2],
  ]);
  const keys = { alice: new ApiKey('alice-key'), bob: new ApiKey('bob-key') };
  const labelOf = (key: ApiKey) => (key === keys.alice ? 'alice' : 'bob');
  const watch = new RefusalWatch({ partitionOf: (key) => partitions.get(labelOf(key)) ?? 0 }, [
    { label: 'alice', key: keys.alice },
    { label: 'bob', key: keys.bob },
  ]);

  const found = [watch.findNew()];
  partitions.set('bob', 3);
  found.push(watch.findNew(), watch.findNew());

  expect([found, watch.hasAny(['alice']), watch.hasAny(['alice', 'bob'])]).toEqual([
    [false, true, false],
    false,
    true,
  ]);
});

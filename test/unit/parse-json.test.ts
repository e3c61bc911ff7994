import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseJson } from '../../src/lib/parse-json.ts';

test('JSON gives the value that it stands for', () => {
  fc.assert(
    fc.property(fc.json(), (text) => {
      expect(parseJson(text)).toEqual(JSON.parse(text));
    }),
  );
});

test.each(['', ' ', '{', '{"a":1', '<html></html>', 'undefined', "{'a': 1}", '[1,]'])(
  '“%s” is no JSON and gives undefined',
  (text) => {
    expect(parseJson(text)).toBeUndefined();
  },
);

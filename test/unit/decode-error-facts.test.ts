import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeErrorFacts } from '../../src/upstream/decode-error-facts.ts';

const NOTHING = { code: undefined, requestId: undefined, details: undefined };

describe('the facts of a refusal', () => {
  test.each<[what: string, body: unknown, expected: object]>([
    ['the documented envelope', { detail: 'Job not found' }, NOTHING],
    [
      'the documented envelope with complaints',
      {
        detail: [
          { loc: ['query', 0, 'limit'], msg: 'Too large', type: 'less_than', ctx: { le: 100 }, input: 7 },
        ],
      },
      { ...NOTHING, details: [{ loc: ['query', 0, 'limit'], msg: 'Too large', type: 'less_than' }] },
    ],
    [
      'the recorded envelope',
      {
        success: false,
        message: 'Job not found',
        error: {
          message: 'Job not found',
          code: 'NOT_FOUND',
          requestId: '0a1b:2.3_4-5',
          allowedStrategies: ['apiKey'],
          debugInfo: { hasApiKey: true },
        },
      },
      { ...NOTHING, code: 'NOT_FOUND', requestId: '0a1b:2.3_4-5' },
    ],
    ['nothing', undefined, NOTHING],
    ['null', null, NOTHING],
    ['a text', 'Bad gateway', NOTHING],
    ['a list', [{ code: 'NOT_FOUND' }], NOTHING],
    ['an error that is a text', { error: 'NOT_FOUND' }, NOTHING],
    ['an error that is null', { error: null, detail: null }, NOTHING],
    ['a code at the top', { code: 'NOT_FOUND', requestId: 'x' }, NOTHING],
    ['a code in lower case', { error: { code: 'not_found' } }, NOTHING],
    ['a code that is too long', { error: { code: 'A'.repeat(65) } }, NOTHING],
    ['a code that is a number', { error: { code: 404 } }, NOTHING],
    ['a request id with a space', { error: { requestId: 'a b' } }, NOTHING],
    ['a request id that is too long', { error: { requestId: 'a'.repeat(129) } }, NOTHING],
    ['a request id with a line break', { error: { requestId: 'a\n' } }, NOTHING],
    ['no complaints', { detail: [] }, { ...NOTHING, details: [] }],
  ])('are read from %s', (_, body, expected) => {
    // An empty body gives no object at all, which comes to the same.
    expect({ ...NOTHING, ...decodeErrorFacts(body, 'the-key') }).toEqual(expected);
  });

  test('hold at most 20 complaints, of 300 characters each', () => {
    const detail = Array.from({ length: 30 }, () => ({
      loc: ['x'.repeat(400)],
      msg: 'm'.repeat(400),
      type: 't',
    }));
    expect(decodeErrorFacts({ detail }, 'the-key').details).toEqual(
      Array(20).fill({ loc: ['x'.repeat(300)], msg: 'm'.repeat(300), type: 't' }),
    );
  });

  test('do not hold a key that stands across the end of what is kept', () => {
    const detail = [{ loc: [], msg: `${'m'.repeat(295)}the-key`, type: '' }];
    expect(decodeErrorFacts({ detail }, 'the-key').details?.[0]?.msg).toBe(`${'m'.repeat(295)}[reda`);
  });

  test('never hold the key, whatever upstream writes', () => {
    const key = 'QBR.KEY_1';
    const text = fc.oneof(
      fc.constant(key),
      fc.string(),
      fc.string().map((rest) => `${rest}${key}${rest}`),
    );
    const complaint = fc.record({
      loc: fc.oneof(text, fc.array(fc.oneof(text, fc.integer()))),
      msg: text,
      type: text,
    });
    const body = fc.record({
      detail: fc.oneof(text, fc.array(fc.oneof(complaint, fc.jsonValue()))),
      error: fc.record({ code: text, requestId: text, message: text }),
    });
    fc.assert(
      fc.property(body, (answer) => {
        expect(JSON.stringify(decodeErrorFacts(answer, key))).not.toContain(key);
      }),
    );
  });

  test('are read from whatever JSON there is', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (detail, error) => {
        expect(() => decodeErrorFacts({ detail, error }, 'the-key')).not.toThrow();
      }),
    );
  });
});

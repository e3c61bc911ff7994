import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromGlobalId, toGlobalId } from '../../src/graphql/global-id.ts';
import { isQrn } from '../../src/jobs/qrn.ts';
import { GatewayError } from '../../src/lib/gateway-error.ts';
import { anyText } from '../support/any-text.ts';

describe('a global id', () => {
  test('leads back to the name of its job', () => {
    const qrn = fc
      .string({ unit: 'grapheme', maxLength: 60 })
      .map((text) => `a:${text}`)
      .filter(isQrn);
    fc.assert(
      fc.property(qrn, (name) => {
        const id = toGlobalId(name);
        expect(id).toMatch(/^[\w-]+$/);
        expect(fromGlobalId(id)).toBe(name);
      }),
    );
  });

  test('may have the longest name', () => {
    const qrn = `:${'😀'.repeat(254)}`;
    expect(fromGlobalId(toGlobalId(qrn))).toBe(qrn);
  });

  test('does not change from version to version', () => {
    expect(toGlobalId('qbraid:job:abc123xyz')).toBe('Sm9iOnFicmFpZDpqb2I6YWJjMTIzeHl6');
  });

  test('is none of whatever else clients send', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.base64String(), anyText), (text) => {
        try {
          expect(toGlobalId(fromGlobalId(text))).toBe(text);
        } catch (error) {
          expect(error).toBeInstanceOf(GatewayError);
        }
      }),
    );
  });
});

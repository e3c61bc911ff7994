import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { assertBatchQrn, assertQrn, isQrn } from '../../src/jobs/qrn.ts';
import { GatewayError } from '../../src/lib/gateway-error.ts';
import { UpstreamError } from '../../src/upstream/upstream-error.ts';

describe('a QRN', () => {
  test.each([
    'qbraid:job:abc123xyz',
    'aws:quera:qpu:aquila-37f5-qjob-696aae286a18e4f726abf2af',
    'rigetti:rigetti:qpu:ankaa-3',
    ':',
    '..:',
    'a:!"$&\'()*+,-.;<=>@[]^_`{|}~',
    'ä:ö',
    'a:😀',
    `a:${'b'.repeat(253)}`,
    `a:${'😀'.repeat(253)}`,
  ])('may be %s', (text) => {
    expect([isQrn(text), assertQrn(text), assertBatchQrn(text)]).toEqual([true, text, text]);
  });

  test.each([
    ['empty', ''],
    ['without a colon', 'statuses'],
    ['the folder above', '..'],
    ['too long', `a:${'b'.repeat(254)}`],
    ['too long in characters of two units', `a:${'😀'.repeat(254)}`],
    ...[...'/\\?#%'].map((character): [string, string] => [`with a ${character}`, `a:b${character}c`]),
    ...[' ', '\t', '\n', '\r', '\v', '\f', '\u00a0', '\u2003', '\u2028', '\u3000', '\ufeff'].map(
      (space): [string, string] => [`with the space ${JSON.stringify(space)}`, `a:b${space}`],
    ),
    ...['\0', '\x1b', '\x7f', '\x80', '\u200b', '\u202e', '\ue000', '\ud800', '\udfff'].map(
      (character): [string, string] => [
        `with ${JSON.stringify(character)}, which nobody sees`,
        `a:b${character}`,
      ],
    ),
  ])('may not be %s', (_, text) => {
    expect(isQrn(text)).toBe(false);
    expect(() => assertQrn(text)).toThrow(GatewayError);
    expect(() => assertBatchQrn(text)).toThrow(UpstreamError);
  });

  test('that is refused is named in short', () => {
    expect(() => assertQrn(`${'x'.repeat(50)}yz`)).toThrow(
      `got "${'x'.repeat(50)}…": send the \`qrn\` of a job.`,
    );
  });

  test('whatever it is, stays one segment of a path', () => {
    const character = fc.oneof(
      fc.constantFrom(...'.:;@&=+$,!*()~"<>[]{}|^`'),
      fc.string({ unit: 'grapheme', minLength: 1, maxLength: 1 }),
    );
    const name = fc
      .array(character)
      .map((characters) => `${characters.join('')}:`)
      .filter(isQrn);
    fc.assert(
      fc.property(name, (qrn) => {
        const { pathname, search, hash } = new URL(`http://upstream/jobs/${encodeURIComponent(qrn)}`);
        expect({ segments: pathname.split('/').map(decodeURIComponent), search, hash }).toEqual({
          segments: ['', 'jobs', qrn],
          search: '',
          hash: '',
        });
      }),
    );
  });
});

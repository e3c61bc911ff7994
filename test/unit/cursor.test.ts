import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ApiKey } from '../../src/auth/api-key.ts';
import { toSeq } from '../../src/jobs/seq.ts';
import { GatewayError } from '../../src/lib/gateway-error.ts';
import { type Cursor, type CursorPosition, decodeCursor, encodeCursor } from '../../src/paging/cursor.ts';
import { MAX_ANCHORS } from '../../src/paging/list/bookmark.ts';
import { digest, toAnchor } from '../../src/paging/list/entry.ts';
import { anyText } from '../support/any-text.ts';
import { toItem } from '../support/changing-list.ts';

const MAX_COUNT = 2_147_483_647;

const fullBookmark = {
  offset: MAX_COUNT,
  total: MAX_COUNT,
  readSeq: toSeq(Number.MAX_SAFE_INTEGER),
  createdAtMs: Number.MIN_SAFE_INTEGER,
  nearestBefore: Array.from({ length: MAX_ANCHORS }, (_, index) => digest(`before ${index}`)),
  nearestAfter: Array.from({ length: MAX_ANCHORS }, (_, index) => digest(`after ${index}`)),
};

/** As many keys as this, all with the longest position there is. */
const fullCursor = (keys: number): Cursor =>
  new Map(
    Array.from({ length: keys }, (_, index) => [
      `fingerprint ${index}`,
      { behind: fullBookmark, isOwner: false },
    ]),
  );

const alice = new ApiKey('alice-key');
const bob = new ApiKey('bob-key');

const scopeOf = (cursor: Cursor, filter = 'status=RUNNING', signer = alice) => ({
  filter,
  fingerprints: [...cursor.keys()],
  signer,
});

const cursor = fullCursor(1);
const scope = scopeOf(cursor);
const text = encodeCursor(cursor, scope);

const toOtherBase64 = (value: string) => Buffer.from(value, 'base64url').toString('base64');

/** A cursor that the other base64 writes differently: of a length that it pads. */
const otherText =
  [1, 2, 3, 4]
    .map((count) => encodeCursor(fullCursor(count), scope))
    .find((value) => toOtherBase64(value) !== value) ?? '';

/** A cursor with a checksum that fits, whatever it holds. */
const withChecksum = (body: string) => Buffer.from(digest(body) + body).toString('base64url');

const toBody = (value: string) => Buffer.from(value, 'base64url').toString().slice(8);

/** A cursor with these contents, whatever they are, and no tag that would fit. */
const forge = (contents: unknown) => withChecksum(`${'A'.repeat(12)}${JSON.stringify(contents)}`);

const atStart: CursorPosition = { behind: 'start', isOwner: false };

/** What is said of a text that should have been a cursor. */
function complaintAbout(value: string, wanted = scope): string {
  try {
    decodeCursor('after', value, wanted);
    return 'none';
  } catch (error) {
    if (error instanceof GatewayError) return error.message;
    throw error;
  }
}

const anchors = fc.array(fc.stringMatching(/^[\w~-]{8}$/), { maxLength: MAX_ANCHORS });
const offset = fc.integer({ min: 0, max: MAX_COUNT });
const bookmark = fc.record({
  offset,
  total: offset,
  readSeq: fc.maxSafeNat().map(toSeq),
  createdAtMs: fc.option(fc.maxSafeInteger()),
  nearestBefore: anchors,
  nearestAfter: anchors,
});
const position: fc.Arbitrary<CursorPosition> = fc.oneof(
  fc.record({ behind: bookmark, isOwner: fc.boolean() }),
  fc.record({ behind: fc.constantFrom('start', 'end'), isOwner: fc.constant(false) }),
);
const anyCursor = fc
  .uniqueArray(fc.tuple(fc.string(), position), {
    minLength: 1,
    maxLength: 20,
    selector: ([fingerprint]) => fingerprint,
  })
  .map((positions): Cursor => new Map(positions));

describe('a cursor', () => {
  test('leads back to the bookmark that it was made for', () => {
    fc.assert(
      fc.property(anyCursor, fc.string(), fc.constantFrom('after', 'before'), (any, filter, argument) => {
        const encoded = encodeCursor(any, scopeOf(any, filter));
        expect(encoded).toMatch(/^[\w-]+$/);
        expect(decodeCursor(argument, encoded, scopeOf(any, filter))).toEqual(any);
      }),
    );
  });

  test('is the same in whatever order its keys come, and fits them in any other', () => {
    fc.assert(
      fc.property(anyCursor, (any) => {
        const reversed: Cursor = new Map([...any].reverse());
        const encoded = encodeCursor(any, scopeOf(any));
        expect(encodeCursor(reversed, scopeOf(reversed))).toBe(encoded);
        expect(decodeCursor('after', encoded, scopeOf(reversed))).toEqual(any);
      }),
    );
  });

  test('holds no key, no fingerprint, no name of a job and no filter, not even when it is decoded', () => {
    const { fingerprint } = new ApiKey('qbr_secret-key');
    const item = toItem({ name: 'qbraid:job:secret', rank: 0, createdAtMs: 0, fault: 'none' });
    const anchor = toAnchor({ item, offset: 0, total: 1 });
    const secret: Cursor = new Map([
      [
        fingerprint,
        { behind: { ...fullBookmark, nearestBefore: [anchor], nearestAfter: [] }, isOwner: true },
      ],
    ]);

    const encoded = encodeCursor(secret, scopeOf(secret, 'search=secret'));

    const decoded = `${encoded} ${Buffer.from(encoded, 'base64url')}`;
    expect(decoded).toContain(anchor);
    expect(decoded).not.toMatch(/secret|qbr|search/);
    expect(decoded).not.toContain(fingerprint.slice(0, 8));
  });

  test('over 20 keys is less than half as long as may be sent', () => {
    const largest = fullCursor(20);
    const encoded = encodeCursor(largest, scopeOf(largest));
    expect(encoded.length).toBeLessThan(4096);
    expect(decodeCursor('before', encoded, scopeOf(largest))).toEqual(largest);
  });
});

describe('what is refused as a cursor', () => {
  const noCursor =
    '`after` must be a cursor of this list, got no cursor of this gateway: send an `endCursor`, `startCursor` or `cursor` as it came.';
  const otherFilter =
    '`after` must be a cursor of this list, got the cursor of another filter: send the filter that the cursor came with.';
  const otherKeys =
    '`after` must be a cursor of this list, got the cursor of other keys: send the keys that the cursor came with.';
  const otherVersion =
    '`after` must be a cursor of this list, got the cursor of another version of this gateway: begin the list anew.';

  test.each<[what: string, value: string, complaint: string]>([
    [
      'nothing',
      '',
      '`after` must be a cursor of this list, got empty: leave the argument out to begin at the end of the list.',
    ],
    ['another alphabet', '💥', noCursor],
    ['an offset in the manner of others', Buffer.from('arrayconnection:10').toString('base64'), noCursor],
    ['100 kB', 'A'.repeat(100_000), noCursor],
    ['a cursor that is followed by spaces', `${text} `, noCursor],
    ['a cursor with padding', `${text}=`, noCursor],
    ['a cursor in the other base64', toOtherBase64(otherText), noCursor],
    ['two cursors', text + text, noCursor],
    ['a checksum of no JSON', withChecksum('{'), otherVersion],
    [
      'a cursor of the version before tags',
      withChecksum(JSON.stringify([2, digest(scope.filter), [digest('fingerprint 0'), 'start']])),
      otherVersion,
    ],
    ['another version', forge([1, digest(scope.filter), [digest('x'), 'start']]), otherVersion],
    ['a bookmark that cannot be', forge([3, digest(scope.filter), [digest('x'), 'middle']]), otherVersion],
    ['a cursor of no keys', forge([3, digest(scope.filter)]), otherKeys],
    ['another filter', encodeCursor(cursor, scopeOf(cursor, 'status=QUEUED')), otherFilter],
    ['no filter', encodeCursor(cursor, scopeOf(cursor, '')), otherFilter],
    [
      'another key',
      encodeCursor(new Map([['other', { behind: fullBookmark, isOwner: true }]]), scope),
      otherKeys,
    ],
    ['one key more', encodeCursor(fullCursor(2), scope), otherKeys],
    [
      'the same key twice',
      forge([3, digest(scope.filter), [digest('fingerprint 0'), 'start'], [digest('fingerprint 0'), 'end']]),
      otherKeys,
    ],
    ['invented contents', forge([3, digest(scope.filter), [digest('fingerprint 0'), 'start']]), noCursor],
    ['the tag of another key', encodeCursor(cursor, scopeOf(cursor, scope.filter, bob)), noCursor],
    [
      'the tag of another cursor',
      withChecksum(
        toBody(encodeCursor(new Map([...cursor.keys()].map((key) => [key, atStart])), scope)).slice(0, 12) +
          toBody(text).slice(12),
      ),
      noCursor,
    ],
  ])('%s is refused by what is wrong with it', (_, value, complaint) => {
    expect(complaintAbout(value)).toBe(complaint);
  });

  test('a cursor of fewer keys than are sent is one of other keys', () => {
    expect(complaintAbout(text, scopeOf(fullCursor(2)))).toBe(otherKeys);
  });

  test('the complaint names the argument', () => {
    expect(() => decodeCursor('before', 'x', scope)).toThrow(
      /^`before` must be a cursor of this list, got no/,
    );
  });

  test('every change of a single character is refused', () => {
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_+/= ';
    const accepted = [...text].flatMap((own, index) =>
      ['', ...alphabet]
        .filter((other) => other !== own)
        .map((other) => text.slice(0, index) + other + text.slice(index + 1))
        .filter((changed) => complaintAbout(changed) !== noCursor),
    );
    expect(accepted).toEqual([]);
  });

  test('every change of a single character inside is refused, even if the checksum is made anew', () => {
    const body = toBody(text);
    const accepted = [...body].flatMap((own, index) =>
      ['', ...'AZaz019-_" ,é']
        .filter((other) => other !== own)
        .map((other) => withChecksum(body.slice(0, index) + other + body.slice(index + 1)))
        .filter((changed) => complaintAbout(changed) === 'none'),
    );
    expect(accepted).toEqual([]);
  });

  test('no text at all is worse than refused', () => {
    fc.assert(
      fc.property(fc.oneof(anyText, fc.base64String(), fc.json().map(forge)), (any) => {
        expect(complaintAbout(any)).toMatch(/^`after` must be a cursor of this list, got /);
      }),
    );
  });
});

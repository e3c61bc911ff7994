import { describe, expect, test } from 'vitest';
import { hasGap } from '../../clients/src/list/has-gap.ts';
import { emptyList, type ListPage, type LiveList } from '../../clients/src/list/live-list.ts';
import { mergePage } from '../../clients/src/list/merge-page.ts';
import { nextCursor } from '../../clients/src/list/next-cursor.ts';
import { recheck } from '../../clients/src/list/recheck.ts';

/** A row is its name, which also is its cursor. */
interface Row {
  readonly cursor: string;
}

const keyOf = ({ cursor }: Row) => cursor;
const namesIn = (list: LiveList<Row>) => list.rows.map(keyOf).join('');

describe('a page of a live list', () => {
  test('that is joined to what is known leaves no gap', () => {
    const list = read([page('cde'), null], [page('fgh'), 'e'], [page('abc'), null]);
    expect([namesIn(list), nextCursor(list, keyOf)]).toEqual(['abcdefgh', 'h']);
  });

  test('that is joined to nothing known leaves a gap, which the next page fills', () => {
    const gap = read([page('fgh'), null], [page('abc'), null]);
    expect([namesIn(gap), nextCursor(gap, keyOf)]).toEqual(['abcfgh', 'c']);
    const filled = mergePage(gap, page('def'), 'c', keyOf);
    expect([namesIn(filled), nextCursor(filled, keyOf)]).toEqual(['abcdefgh', 'h']);
  });

  test('that is read again ends with the last known row, so that the list does not grow each time', () => {
    const list = read([page('abc'), null], [page('def'), 'c']);
    const again = mergePage(recheck(list, 3, keyOf), page('dxefgh'), 'c', keyOf);
    expect([namesIn(again), nextCursor(again, keyOf)]).toEqual(['abcdxef', 'f']);
  });

  test('that is read again is taken as it is where its last known row has no cursor to read on from', () => {
    const nameOf = ({ name }: { name: string }) => name;
    const rows = (names: string) =>
      [...names].map((name) => ({ name, cursor: undefined as string | undefined }));
    const toPage = (names: string) => ({
      rows: rows(names).map((row, index) => (index < names.length - 1 ? row : { ...row, cursor: row.name })),
      hasNextPage: true,
    });
    const list = mergePage(mergePage(emptyList, toPage('ab'), null, nameOf), toPage('cd'), 'b', nameOf);
    const again = mergePage(recheck(list, 2, nameOf), toPage('cde'), 'b', nameOf);
    expect([again.rows.map(nameOf).join(''), nextCursor(again, nameOf)]).toEqual(['abcde', 'e']);
  });

  test('that is read again, and meets none of the few rows that are left, is the end of what is known', () => {
    const list = recheck(read([page('abc'), null], [page('def'), 'c']), 3, keyOf);
    const again = mergePage(list, page('dex'), 'c', keyOf);
    expect([namesIn(again), nextCursor(again, keyOf)]).toEqual(['abcdexf', 'x']);
    const ended = mergePage(again, page('yz'), 'x', keyOf);
    expect([namesIn(ended), nextCursor(ended, keyOf)]).toEqual(['abcdexyz', 'z']);
  });

  test('is not read on to the end of the list for rows that have gone, however many there were', () => {
    const known = read([page('abc'), null], [page('defghi'), 'c']);
    const first = mergePage(recheck(known, 3, keyOf), page('opqr'), 'c', keyOf);
    expect([namesIn(first), nextCursor(first, keyOf)]).toEqual(['abcopqrdefghi', 'r']);
    const second = mergePage(first, page('stuv'), 'r', keyOf);
    expect([namesIn(second), nextCursor(second, keyOf)]).toEqual(['abcopqrstuv', 'v']);
  });

  test('is read once when a key comes back, also where the number of jobs is known', () => {
    const alone = { answered: ['alice'], failed: ['bob'], totalCount: 5 };
    const both = { answered: ['alice', 'bob'], totalCount: 10 };
    const list = read(
      [page('ac', alone), null],
      [page('egi', { ...alone, hasNextPage: false }), 'c'],
      [page('abc', both), null],
      [page('defg', both), 'c'],
      [page('hij', { ...both, hasNextPage: false }), 'g'],
    );
    expect([namesIn(list), nextCursor(list, keyOf), list.rechecks]).toEqual(['abcdefghi', 'i', 0]);
  });

  test('drops what it no longer has between two rows that it has', () => {
    expect(namesIn(read([page('abc'), null], [page('def'), 'c'], [page('abd'), null]))).toBe('abdef');
  });

  test('ends the list if nothing follows it', () => {
    const list = read([page('abc'), null], [page('def'), 'c'], [page('ab', { hasNextPage: false }), null]);
    expect([namesIn(list), nextCursor(list, keyOf)]).toEqual(['ab', null]);
  });

  test('changes nothing if the list is not open any more where it begins', () => {
    const list = read([page('abc'), null], [page('def'), 'c']);
    expect(mergePage(list, page('def'), 'c', keyOf)).toBe(list);
  });

  test('changes nothing if it is a first page from before the newest one', () => {
    const list = read([page('abc', { fetchedAt: '2026-01-14T10:00:02.000Z' }), null]);
    expect(mergePage(list, page('bcd', { fetchedAt: '2026-01-14T10:00:01.000Z' }), null, keyOf)).toBe(list);
  });

  test('has the rest read again, and shown until then, when a key answers that had failed', () => {
    const without = { answered: ['alice'], failed: ['bob'] };
    const list = read(
      [page('ace', without), null],
      [page('gik', without), 'e'],
      [page('abc', { answered: ['alice', 'bob'] }), null],
    );
    expect([namesIn(list), nextCursor(list, keyOf)]).toEqual(['abcegik', 'c']);
    const second = mergePage(list, page('def'), 'c', keyOf);
    expect([namesIn(second), nextCursor(second, keyOf)]).toEqual(['abcdefgik', 'f']);
    const third = mergePage(second, page('ghijk'), 'f', keyOf);
    expect([namesIn(third), nextCursor(third, keyOf)]).toEqual(['abcdefghijk', 'k']);
  });

  test('keeps the rows of a key that fails now', () => {
    const list = read(
      [page('abc'), null],
      [page('def'), 'c'],
      [page('ac', { failed: ['bob'], hasNextPage: false }), null],
    );
    expect(namesIn(list)).toBe('acdef');
  });

  test('without rows says nothing', () => {
    const list = read([page('abc'), null]);
    expect(mergePage(list, page(''), null, keyOf)).toBe(list);
  });
});

test('a list has a gap if it is to be read on before its end', () => {
  const edges = [{ cursor: 'a' }, { cursor: 'b' }];
  expect(hasGap({ edges, pageInfo: { hasNextPage: true, endCursor: 'a' } })).toBe(true);
  expect(hasGap({ edges, pageInfo: { hasNextPage: true, endCursor: 'b' } })).toBe(false);
  expect(hasGap({ edges, pageInfo: { hasNextPage: false, endCursor: 'b' } })).toBe(false);
});

function page(names: string, more: Partial<ListPage<Row>> = {}): ListPage<Row> {
  return { rows: [...names].map((cursor) => ({ cursor })), hasNextPage: true, ...more };
}

function read(...pages: readonly [ListPage<Row>, string | null][]): LiveList<Row> {
  return pages.reduce<LiveList<Row>>((list, [next, after]) => mergePage(list, next, after, keyOf), emptyList);
}

import { describe, expect, test } from 'vitest';
import type { JobFilter } from '../../src/graphql/schema.generated.ts';
import { toListFilter } from '../../src/graphql/to-list-filter.ts';
import { GatewayError } from '../../src/lib/gateway-error.ts';
import type { ListFilter } from '../../src/upstream/job-list.ts';

const numberedTags = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`tag${index}`, index]));

describe('a filter', () => {
  test.each<[filter: JobFilter | null | undefined, expected: ListFilter]>([
    [undefined, {}],
    [null, {}],
    [{}, {}],
    [{ vendor: null, provider: null, statusGroup: null, status: null, search: null, tags: null }, {}],
    [{ keys: ['alice'] }, {}],
    [{ vendor: 'IONQ' }, { vendor: 'ionq' }],
    [{ vendorName: 'ionq' }, { vendor: 'ionq' }],
    [{ vendorName: 'rigetti' }, { vendor: 'rigetti' }],
    [{ vendorName: ' AWS ' }, { vendor: ' AWS ' }],
    [{ vendorName: 'all' }, {}],
    [{ vendorName: null, vendor: 'AWS' }, { vendor: 'aws' }],
    [{ vendorName: 'aws', vendor: null }, { vendor: 'aws' }],
    [{ vendorName: 'aws', vendor: 'AWS' }, { vendor: 'aws' }],
    [{ vendorName: 'all', vendor: 'ALL' }, {}],
    [{ provider: 'IonQ' }, { provider: 'IonQ' }],
    [{ vendor: 'ALL' }, {}],
    [{ provider: 'all' }, { provider: 'all' }],
    [{ statusGroup: 'ALL' }, {}],
    [{ statusGroup: 'ALL', status: 'QUEUED' }, { status: 'QUEUED' }],
    [{ statusGroup: 'PENDING' }, { statusGroup: 'pending' }],
    [{ statusGroup: 'RETURNED' }, { statusGroup: 'returned' }],
    [{ statusGroup: 'RETURNED', status: 'QUEUED' }, { status: 'QUEUED' }],
    [{ statusGroup: 'RETURNED', status: null }, { statusGroup: 'returned' }],
    [{ search: ' x ' }, { search: ' x ' }],
    [{ tags: {} }, {}],
    [{ tags: { a: '', b: 0, c: false } }, { tags: { a: '', b: 0, c: false } }],
  ])('%j is told to the qBraid API as %j', (filter, expected) => {
    expect(toListFilter(filter)).toEqual(expected);
  });

  test('comes out as the same text, whatever the order of its tags', () => {
    const texts = [
      { b: 1, a: 'x', Z: true },
      { Z: true, a: 'x', b: 1 },
      { a: 'x', Z: true, b: 1 },
    ].map((tags) => JSON.stringify(toListFilter({ tags })));
    expect(texts).toEqual(Array(3).fill('{"tags":{"Z":true,"a":"x","b":1}}'));
  });

  test('keeps tags of any name', () => {
    const tags = JSON.parse('{"__proto__":"p","constructor":"c"}');
    expect(JSON.stringify(toListFilter({ tags }))).toBe('{"tags":{"__proto__":"p","constructor":"c"}}');
  });

  test('may hold 50 tags, whose names and texts have 255 characters', () => {
    const tags = { ...numberedTags(49), ['n'.repeat(255)]: '😀'.repeat(255) };
    expect(toListFilter({ tags })).toEqual({ tags });
  });

  test.each<[filter: JobFilter, complaint: string]>([
    [{ search: '' }, '`filter.search` must have 1 to 255 characters, got 0'],
    [{ search: 'x'.repeat(256) }, '`filter.search` must have 1 to 255 characters, got 256'],
    [{ search: '😀'.repeat(256) }, '`filter.search` must have 1 to 255 characters, got 256'],
    [{ provider: '' }, '`filter.provider` must have 1 to 255 characters, got 0'],
    [{ vendorName: '' }, '`filter.vendorName` must have 1 to 255 characters, got 0'],
    [{ vendorName: 'x'.repeat(256) }, '`filter.vendorName` must have 1 to 255 characters, got 256'],
    [{ vendorName: 'aws\n' }, '`filter.vendorName` must have no control characters'],
    [
      { vendorName: 'ibm', vendor: 'AWS' },
      '`filter.vendor` and `filter.vendorName` must mean the same, got AWS',
    ],
    [{ vendorName: 'aws', vendor: 'ALL' }, 'must mean the same, got ALL'],
    [
      { tags: { a: 1, b: null } },
      '`filter.tags` must hold strings, integers and booleans, got another value for "b"',
    ],
    [{ tags: { a: 0.5 } }, 'another value for "a"'],
    [{ tags: { a: 2 ** 53 } }, 'another value for "a"'],
    [{ tags: { a: [] } }, 'another value for "a"'],
    [{ tags: { a: {} } }, 'another value for "a"'],
    [{ tags: numberedTags(51) }, '`filter.tags` must hold at most 50 tags, got 51'],
    [{ tags: { a: 'x'.repeat(256) } }, 'names and texts of at most 255 characters, got 256'],
    [{ tags: { ['x'.repeat(256)]: null } }, 'names and texts of at most 255 characters, got 256'],
  ])('%j is refused', (filter, complaint) => {
    expect(() => toListFilter(filter)).toThrow(GatewayError);
    expect(() => toListFilter(filter)).toThrow(complaint);
  });
});

import { describe, expect, test } from 'vitest';
import { RecentFailures } from '../../src/store/admission/recent-failures.ts';
import { UpstreamError, type UpstreamErrorKind } from '../../src/upstream/upstream-error.ts';

const failure = (kind: UpstreamErrorKind = 'unavailable', retryAfterMs?: number) =>
  new UpstreamError(kind, kind, { status: 503, retryAfterMs });

/** The failures of a key, with what notes that requests for these subjects failed together. */
function openFailures() {
  const failures = new RecentFailures(() => 1);
  const fail = (subjects: string, nowMs: number, error = failure(), sentAtMs = nowMs) => {
    for (const subject of subjects) failures.failed(subject, error, sentAtMs, nowMs);
  };
  return { failures, fail };
}

describe('a subject that failed', () => {
  test('is left alone for a moment that doubles, with its error and the time to wait', () => {
    const { failures, fail } = openFailures();
    fail('x', 0);
    expect(failures.repeat('x', 400)).toMatchObject({
      kind: 'unavailable',
      facts: { retryAfterMs: 600, isRepeated: true },
    });
    expect([failures.repeat('x', 1000), failures.repeat('y', 0)]).toEqual([null, null]);
    fail('x', 1000);
    expect([failures.repeat('x', 2999)?.facts.retryAfterMs, failures.repeat('x', 3000)]).toEqual([1, null]);
  });

  test('is left alone for as long as upstream asks for, up to a minute', () => {
    const { failures, fail } = openFailures();
    fail('x', 0, failure('unavailable', 30_000));
    fail('y', 0, failure('unavailable', 3_600_000));
    expect(['x', 'y'].map((subject) => failures.repeat(subject, 0)?.facts.retryAfterMs)).toEqual([
      30_000, 60_000,
    ]);
  });

  test('begins anew after a success, or a minute without a failure', () => {
    const { failures, fail } = openFailures();
    fail('x', 0);
    failures.succeeded('x', 1000, 1100);
    fail('x', 1200);
    expect(failures.repeat('x', 1200)?.facts.retryAfterMs).toBe(1000);
    failures.repeat('x', 63_000);
    fail('x', 63_000);
    expect(failures.repeat('x', 63_000)?.facts.retryAfterMs).toBe(1000);
  });

  test('is forgotten once a hundred others failed since', () => {
    const { failures } = openFailures();
    for (let subject = 0; subject <= 100; subject += 1) {
      failures.failed(`${subject}`, failure('invalid-response'), 0, 0);
    }
    expect(['0', '1', '100'].map((subject) => failures.repeat(subject, 0) !== null)).toEqual([
      false,
      true,
      true,
    ]);
  });
});

describe('an outage', () => {
  test('lets what never failed go first, however long ago the others failed', () => {
    const { failures, fail } = openFailures();
    fail('xyz', 0);
    for (let atMs = 10_000; atMs <= 120_000; atMs += 10_000) fail('x', atMs);
    // Two seconds after the wait y may go as well. But x is quicker, and fails again.
    expect([failures.repeat('y', 125_000), failures.repeat('y', 127_000)]).toEqual([expect.anything(), null]);
    fail('x', 127_000);
    expect([failures.repeat('y', 132_000), failures.repeat('new', 132_000)]).toEqual([
      expect.anything(),
      null,
    ]);
  });

  test.each([
    ['three subjects that fail', 'xyz', 'unavailable', true],
    ['three subjects without an answer in time', 'xyz', 'timeout', true],
    ['two subjects that fail', 'xy', 'unavailable', false],
    ['one subject that fails again and again', 'xxxx', 'unavailable', false],
    ['three subjects that upstream rejects', 'xyz', 'rejected', false],
    ['three subjects with broken answers', 'xyz', 'invalid-response', false],
  ] as const)('is made by %s', (_, subjects, kind, isOutage) => {
    const { failures, fail } = openFailures();
    fail(subjects, 0, failure(kind));
    expect([failures.isOutage, failures.repeat('other', 0) !== null]).toEqual([isOutage, isOutage]);
  });

  test('is none while anything succeeded in the last 5 s', () => {
    const { failures, fail } = openFailures();
    failures.succeeded('w', 0, 0);
    fail('xyz', 4999);
    const before = failures.isOutage;
    fail('xyz', 5000);
    expect([before, failures.isOutage]).toEqual([false, true]);
  });

  test('is none where something succeeded between the failures', () => {
    const { failures, fail } = openFailures();
    fail('xy', 0);
    failures.succeeded('w', 1, 1);
    fail('z', 9000);
    expect(failures.isOutage).toBe(false);
  });

  test('stops the whole key for twice as long each time, up to 5 s, with the latest error', () => {
    const { failures, fail } = openFailures();
    fail('xyz', 0);
    const waits = [failures.waitMs(0)];
    for (let nowMs = 1000; waits.length < 5; nowMs += waits.at(-1) ?? 0) {
      fail('x', nowMs, failure('timeout'));
      waits.push(failures.waitMs(nowMs));
    }
    expect([waits, failures.repeat('other', 12_000)?.kind]).toEqual([
      [1000, 2000, 4000, 5000, 5000],
      'timeout',
    ]);
  });

  test('stops the whole key for as long as upstream asks for', () => {
    const { failures, fail } = openFailures();
    fail('xyz', 0, failure('unavailable', 30_000));
    expect(failures.waitMs(0)).toBe(30_000);
  });

  test('ends with the first success of a request sent after the wait', () => {
    const { failures, fail } = openFailures();
    fail('xyz', 0);
    failures.succeeded('w', 500, 700);
    const early = failures.isOutage;
    failures.succeeded('w', 1000, 1100);
    expect([early, failures.isOutage, failures.repeat('other', 1100)]).toEqual([true, false, null]);
  });

  test('lets what has not failed itself go first, once its wait is over', () => {
    const { failures, fail } = openFailures();
    fail('xyz', 0);
    const look = (nowMs: number) =>
      ['x', 'new'].map((subject) => failures.repeat(subject, nowMs)?.facts.retryAfterMs ?? null);
    expect([look(999), look(1000), look(2999), look(3000)]).toEqual([
      [2001, 1],
      [2000, null],
      [1, null],
      [null, null],
    ]);
  });

  test('that is over keeps no subject waiting for its turn', () => {
    const { failures, fail } = openFailures();
    fail('xyz', 0);
    failures.succeeded('new', 1000, 1100);
    expect(failures.repeat('x', 1100)).toBeNull();
  });

  test('leaves each subject that failed its own wait', () => {
    const { failures, fail } = openFailures();
    fail('xyz', 0);
    fail('x', 1000);
    failures.succeeded('y', 3000, 3000);
    fail('x', 3000);
    expect([failures.repeat('x', 3000)?.facts.retryAfterMs, failures.repeat('y', 3000)]).toEqual([
      4000,
      null,
    ]);
  });
});

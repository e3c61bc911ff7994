import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CircuitBreaker } from '../../src/store/admission/circuit-breaker.ts';
import { UpstreamError, type UpstreamErrorKind } from '../../src/upstream/upstream-error.ts';

const failureOf = (kind: UpstreamErrorKind, facts = {}) => new UpstreamError(kind, 'Down.', facts);

/** A breaker that met these outcomes at time 0, each of a key: `true` is an answer. Its waits are as long as may be. */
function aBreaker(
  outcomes: readonly (readonly [key: string, outcome: true | UpstreamErrorKind])[],
  atMs = 0,
) {
  const breaker = new CircuitBreaker(() => 1);
  for (const [key, outcome] of outcomes) {
    if (outcome === true) breaker.succeeded(atMs, atMs);
    else breaker.failed(key, failureOf(outcome), atMs, atMs);
  }
  return breaker;
}

const times = <T>(count: number, of: (index: number) => T) =>
  Array.from({ length: count }, (_, index) => of(index));
const twoKeys = (count: number, kind: UpstreamErrorKind) =>
  times(count, (index) => [`key-${index % 2}`, kind] as const);
const answers = (count: number) => times(count, () => ['key-0', true] as const);
const tripped = (atMs = 0) => aBreaker(twoKeys(10, 'unavailable'), atMs);

describe('the circuit breaker opens', () => {
  test.each<[what: string, outcomes: Parameters<typeof aBreaker>[0]]>([
    ['when ten requests of two keys failed', twoKeys(10, 'unavailable')],
    ['when ten requests of two keys were not answered in time', twoKeys(10, 'timeout')],
    ['when half of the requests failed', [...answers(10), ...twoKeys(10, 'unavailable')]],
  ])('%s', (_, outcomes) => {
    expect(aBreaker(outcomes).state(0)).toBe('open');
  });

  test('for as long as a 503 asks', () => {
    const breaker = aBreaker(twoKeys(9, 'unavailable'));
    breaker.failed('key-1', failureOf('unavailable', { retryAfterMs: 7000 }), 0, 0);
    expect([breaker.state(6999), breaker.state(7000)]).toEqual(['open', 'half-open']);
  });
});

describe('the circuit breaker stays closed', () => {
  test.each<[what: string, outcomes: Parameters<typeof aBreaker>[0]]>([
    ['while few requests failed', twoKeys(9, 'unavailable')],
    ['while most requests are answered', [...answers(11), ...twoKeys(10, 'unavailable')]],
    ['where one key alone fails, however often', times(100, () => ['key-0', 'timeout'] as const)],
    ['where keys are refused', twoKeys(20, 'unauthenticated')],
    ['where users send too many requests', twoKeys(20, 'rate-limited')],
    ['where answers cannot be read', twoKeys(20, 'invalid-response')],
  ])('%s', (_, outcomes) => {
    expect(aBreaker(outcomes).state(0)).toBe('closed');
  });

  test('where requests were never sent', () => {
    const breaker = aBreaker([]);
    for (const [key] of twoKeys(20, 'timeout')) {
      breaker.failed(key, failureOf('timeout', { isUnsent: true }), 0, 0);
    }
    expect(breaker.state(0)).toBe('closed');
  });

  test('where failures are more than ten seconds apart', () => {
    const breaker = aBreaker(twoKeys(5, 'unavailable'));
    for (const [key, kind] of twoKeys(9, 'unavailable')) breaker.failed(key, failureOf(kind), 10_000, 10_000);
    expect(breaker.state(10_000)).toBe('closed');
  });
});

describe('an open circuit breaker', () => {
  test('repeats the failure with the time to wait', () => {
    expect(tripped().repeat(400)).toMatchObject({
      kind: 'unavailable',
      facts: { retryAfterMs: 1000, isRepeated: true },
    });
  });

  test('lets one probe out after its wait, and repeats the failure to all others meanwhile', () => {
    const breaker = tripped();
    const before = breaker.repeat(1000);
    const done = breaker.begin(1000);
    const during = breaker.repeat(1000);
    done();
    expect([before, during?.kind, breaker.repeat(1000)]).toEqual([null, 'unavailable', null]);
  });

  test('closes with the first answer, and forgets what was before', () => {
    const breaker = tripped();
    breaker.begin(1000);
    breaker.succeeded(1000, 1200);
    for (const [key, kind] of twoKeys(8, 'unavailable')) breaker.failed(key, failureOf(kind), 1300, 1300);
    expect(breaker.state(1300)).toBe('closed');
  });

  test('closes when a probe is refused: upstream is alive', () => {
    const breaker = tripped();
    breaker.failed('key-3', failureOf('forbidden'), 1000, 1000);
    expect(breaker.state(1000)).toBe('closed');
  });

  test('waits twice as long after each probe that fails, up to ten seconds', () => {
    const breaker = tripped();
    const waitsMs: number[] = [];
    let nowMs = 1000;
    for (let probe = 0; probe < 6; probe += 1) {
      breaker.failed('key-0', failureOf('timeout'), nowMs, nowMs);
      const waitMs = breaker.repeat(nowMs)?.facts.retryAfterMs ?? 0;
      waitsMs.push(waitMs);
      nowMs += waitMs;
    }
    expect(waitsMs).toEqual([2000, 4000, 8000, 10_000, 10_000, 10_000]);
  });

  test('is not closed by an answer to what was sent before it opened', () => {
    const breaker = tripped(500);
    breaker.succeeded(400, 600);
    expect(breaker.state(600)).toBe('open');
  });
});

test('whatever happens, requests go out again: no wait is longer than ten seconds', () => {
  const step = fc.record({
    key: fc.constantFrom('a', 'b', 'c'),
    kind: fc.constantFrom<true | UpstreamErrorKind>(true, 'unavailable', 'timeout', 'forbidden'),
    afterMs: fc.integer({ min: 0, max: 4000 }),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const breaker = new CircuitBreaker(() => 1);
      let nowMs = 0;
      for (const { key, kind, afterMs } of steps) {
        nowMs += afterMs;
        if (kind === true) breaker.succeeded(nowMs, nowMs);
        else breaker.failed(key, failureOf(kind), nowMs, nowMs);
      }
      expect(breaker.repeat(nowMs + 10_000)).toBeNull();
    }),
  );
});

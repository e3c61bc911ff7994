import { describe, expect, test } from 'vitest';
import { FleetLedger } from '../../src/fleet/fleet-ledger.ts';

const WINDOW_MS = 900_000;

/** A ledger of a fleet that may send ten requests together, or two of this replica by itself. */
function openLedger() {
  const fleet = { isShared: true };
  const ledger = new FleetLedger({
    shared: { requests: 10, windowMs: WINDOW_MS },
    alone: { requests: 2, windowMs: WINDOW_MS },
    isShared: () => fleet.isShared,
  });
  return { ledger, fleet };
}

describe('the ledger of a fleet', () => {
  test('counts a request once, however often it is told of it', () => {
    const { ledger } = openLedger();
    for (let times = 0; times < 3; times += 1) ledger.note('a_1', 0, 10);
    expect(ledger.state(10)).toMatchObject({ used: 1, remaining: 9, limit: 10 });
  });

  test('counts requests in any order as if it had been told in theirs', () => {
    const [one, other] = [openLedger().ledger, openLedger().ledger];
    const times = [0, 1000, 2000, 3000, 4000, 5000, 6000, 7000, 8000, 9000];
    for (const atMs of times) one.note(`a_${atMs}`, atMs, 9000);
    for (const atMs of times.toReversed()) other.note(`a_${atMs}`, atMs, 9000);
    for (const nowMs of [9000, WINDOW_MS, WINDOW_MS + 500, WINDOW_MS + 4500]) {
      expect(other.waitMs(nowMs, true)).toBe(one.waitMs(nowMs, true));
      expect(other.state(nowMs)).toEqual(one.state(nowMs));
    }
  });

  test('does not count what was sent a window ago', () => {
    const { ledger } = openLedger();
    ledger.note('a_1', 0, WINDOW_MS);
    expect(ledger.state(WINDOW_MS).used).toBe(0);
    expect(ledger.known(WINDOW_MS)).toEqual([]);
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY, WINDOW_MS])(
    'goes on counting where it is told of a request at %d',
    (atMs) => {
      const { ledger } = openLedger();
      ledger.note('a_1', 0, 10);
      ledger.note('x', atMs, 10);
      ledger.note('a_2', 10, 10);
      expect(ledger.state(10).used).toBe(Number.isNaN(atMs) ? 2 : 3);
      expect(ledger.slowdown(10)).toBeGreaterThanOrEqual(1);
      expect(ledger.waitMs(10, true)).toBe(0);
      expect(ledger.state(WINDOW_MS + 20).used).toBe(0);
    },
  );

  test('grants a replica by itself no more than its share, whatever the others have left', () => {
    const { ledger, fleet } = openLedger();
    fleet.isShared = false;
    ledger.noteAlone('a_1', 0, true);
    expect(ledger.waitMs(0, true)).toBe(0);
    ledger.noteAlone('a_2', 0, true);
    expect(ledger.waitMs(0, true)).toBe(WINDOW_MS);
    expect(ledger.state(0).remaining).toBe(0);
  });

  test('counts what a replica sent by itself with all others once they are back', () => {
    const { ledger, fleet } = openLedger();
    fleet.isShared = false;
    ledger.noteAlone('a_1', 0, true);
    fleet.isShared = true;
    expect(ledger.state(0)).toMatchObject({ used: 1, remaining: 9 });
    expect(ledger.known(0)).toEqual([['a_1', 0]]);
  });

  test('grants nothing to a replica whose share is less than one request', () => {
    const ledger = new FleetLedger({
      shared: { requests: 9, windowMs: WINDOW_MS },
      alone: { requests: 0, windowMs: WINDOW_MS },
      isShared: () => false,
    });
    expect(ledger.waitMs(0, false)).toBeGreaterThan(0);
    expect(ledger.slowdown(0)).toBe(Number.POSITIVE_INFINITY);
  });
});

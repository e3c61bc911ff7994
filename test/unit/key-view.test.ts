import { setImmediate } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { ApiKey } from '../../src/auth/api-key.ts';
import { FleetLedger } from '../../src/fleet/fleet-ledger.ts';
import type { Bell, FleetLink, KeyState, Position, Reading } from '../../src/fleet/fleet-link.ts';
import { FleetTime } from '../../src/fleet/fleet-time.ts';
import { KeySeal } from '../../src/fleet/key-seal.ts';
import { KeyView } from '../../src/fleet/key-view.ts';
import { NEVER, toNumber, toSeq } from '../../src/jobs/seq.ts';
import { Admission } from '../../src/store/admission/admission.ts';
import { LogicalClock } from '../../src/store/admission/logical-clock.ts';
import { aKeyState } from '../support/a-key-state.ts';
import { WINDOW_MS } from '../support/account-builder.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { ADMISSION_LIMITS } from '../support/store-limits.ts';

const KEY = new ApiKey('alice-key');
const SECRETS = ['a secret of thirty-two characters'];
const LIMITS = { requests: 100, windowMs: WINDOW_MS };
const SENT = { request: 'b_1', atMs: 0 };

/** A pull that the server has not answered yet. */
interface Pull {
  readonly position: Position;
  readonly answer: (state: Partial<KeyState>) => void;
}

/** A view over a link that answers pulls when it is told to. */
function openView() {
  const clock = createFakeClock();
  const logicalClock = new LogicalClock(clock);
  const limits = { shared: LIMITS, alone: LIMITS, isShared: () => true };
  const admission = new Admission({
    ...ADMISSION_LIMITS,
    limits: LIMITS,
    newLedger: () => new FleetLedger(limits),
    clock,
    logicalClock,
    random: () => 1,
  });
  const account = admission.accountOf(KEY);
  const pulls: Pull[] = [];
  const followers: ((bell: Bell) => void)[] = [];
  const kept: string[] = [];
  const server = { isListening: true };
  const link = {
    isUp: true,
    get isListening() {
      return server.isListening;
    },
    nowMs: () => clock.now(),
    pull: (_, position) =>
      new Promise((resolve) => pulls.push({ position, answer: (state) => resolve(aKeyState(state)) })),
    async follow(_, onBell) {
      followers.push(onBell);
      return () => {};
    },
  } satisfies Partial<FleetLink> as Partial<FleetLink> as FleetLink;
  const view = new KeyView({
    link,
    time: new FleetTime(link, clock),
    clock,
    secrets: SECRETS,
    key: KEY,
    account,
    admission,
    logicalClock,
    keep({ partition }, { what }) {
      if (what === 'what nobody can keep') throw new TypeError('It has no name.');
      kept.push(`${what} in ${partition}`);
    },
    limits: LIMITS,
    newName: () => 'a name',
    onNews() {},
    observe() {},
  });
  return {
    view,
    account,
    server,
    kept,
    pulls,
    ring: (bell: Bell) => followers.forEach((hear) => void hear(bell)),
  };
}

/** The same, once it has caught up with a partition that has no readings yet. */
async function openCaughtUp() {
  const opened = openView();
  const caught = opened.view.catchUp();
  await setImmediate();
  opened.pulls[0]?.answer({ partition: 'old' });
  await caught;
  return opened;
}

/** A reading that stands in a partition's log. */
function aReading(partition: string, readSeq: number, what = 'a job'): Reading {
  const about = { resource: 'job', what, group: what, span: { start: 0, end: 1 } };
  const answer = { error: { kind: 'not-found', message: 'There is none.', facts: {} } };
  const place = `reading ${partition} name 1`;
  const sealed = new KeySeal(KEY, SECRETS).seal({ subject: what, about, answer }, place);
  return { readSeq, readMs: 0, askedSeq: 1, subject: 'name', sealed, sent: SENT };
}

const refusedTo = (partition: string): Bell => ({
  kind: 'refused',
  partition,
  error: '',
  untilMs: createFakeClock().now() + 10_000,
  sent: SENT,
});

describe('what is pulled', () => {
  test('is not taken where a refusal was heard since: that is newer', async () => {
    const { view, account, kept, pulls, ring } = openView();
    const caught = view.catchUp();
    await setImmediate();
    ring(refusedTo('new'));
    pulls[0]?.answer({ partition: 'old', headSeq: 10, readings: [aReading('old', 10)] });
    await setImmediate();
    expect([view.partition, kept]).toEqual(['new', []]);
    pulls[1]?.answer({ partition: 'new' });
    await caught;
    expect([view.partition, view.isCurrent, account.partition, kept]).toEqual(['new', true, 2, []]);
  });

  test('is not all where bells were lost meanwhile', async () => {
    const { view, server, pulls } = openView();
    const caught = view.catchUp();
    await setImmediate();
    server.isListening = false;
    view.detach();
    server.isListening = true;
    pulls[0]?.answer({ partition: 'old' });
    await setImmediate();
    expect(view.isCurrent).toBe(false);
    pulls[1]?.answer({ partition: 'old' });
    await caught;
    expect(view.isCurrent).toBe(true);
  });

  test('while no bells are heard is not all once they are heard again', async () => {
    const { view, server, pulls } = openView();
    const first = view.catchUp();
    await setImmediate();
    pulls[0]?.answer({ partition: 'old' });
    await first;
    server.isListening = false;
    view.detach();
    const second = view.catchUp();
    await setImmediate();
    pulls[1]?.answer({ partition: 'old' });
    await second;
    server.isListening = true;
    expect(view.isCurrent).toBe(false);
  });

  test('is pulled also where no bells were ever heard, once for all who come meanwhile', async () => {
    const { view, server, pulls, kept } = openView();
    server.isListening = false;
    const reads = [view.catchUp(), view.catchUp(), view.catchUp()];
    await setImmediate();
    pulls[0]?.answer({ partition: 'old', headSeq: 10, readings: [aReading('old', 10)] });
    await setImmediate();
    pulls[1]?.answer({ partition: 'old', headSeq: 10 });
    await Promise.all(reads);
    expect([pulls.length, kept]).toEqual([2, ['a job in 1']]);
  });
});

test('what a bell told of that nobody can read is pulled', async () => {
  const { view, pulls, kept, ring } = await openCaughtUp();
  ring({ kind: 'unclear' });
  expect(view.isCurrent).toBe(false);
  await setImmediate();
  pulls[1]?.answer({ partition: 'old', headSeq: 10, readings: [aReading('old', 10)] });
  await setImmediate();
  expect([view.isCurrent, kept]).toEqual([true, ['a job in 1']]);
});

test('a bell of a time that is far ahead is not believed: it is pulled', async () => {
  const { view, pulls, ring } = await openCaughtUp();
  const seqs = { previousSeq: 0, readSeq: Number.MAX_SAFE_INTEGER };
  ring({ kind: 'landed', partition: 'old', ...seqs, reading: aReading('old', seqs.readSeq), sent: SENT });
  await setImmediate();
  pulls[1]?.answer({ partition: 'old', headSeq: 10 });
  await setImmediate();
  expect([view.isCurrent, view.headSeq]).toEqual([true, 10]);
});

describe('what was read before', () => {
  async function caughtUpTo(headSeq: number) {
    const opened = openView();
    const caught = opened.view.catchUp();
    await setImmediate();
    opened.pulls[0]?.answer({ partition: 'old', headSeq });
    await caught;
    return opened;
  }

  test('a gap that comes after it is old', async () => {
    const { view, account, pulls, ring } = await caughtUpTo(10);
    const seqs = { previousSeq: 10, readSeq: 20 };
    ring({ kind: 'landed', partition: 'old', ...seqs, reading: null, sent: SENT });
    await setImmediate();
    expect(view.isCurrent).toBe(false);
    pulls[1]?.answer({ partition: 'old', headSeq: 20, gapSeq: 20 });
    await setImmediate();
    expect([view.isCurrent, view.headSeq, account.missedSeq]).toEqual([true, 20, toSeq(20)]);
  });

  test('a gap that was met already stays as it is', async () => {
    const { view, account } = await caughtUpTo(10);
    view.applyAll({ readings: [], headSeq: 20, gapSeq: 10 });
    expect([view.headSeq, account.missedSeq]).toEqual([20, NEVER]);
  });

  test('a reading that nobody here can open is old', async () => {
    const { view, account } = await caughtUpTo(10);
    const foreign = { ...aReading('old', 20), sealed: 'foreign' };
    view.applyAll({ readings: [foreign], headSeq: 20, gapSeq: 0 });
    expect(account.missedSeq).toEqual(toSeq(20));
  });

  test('a gap that somebody has made up is old, and nothing else for long', async () => {
    const { view, account } = await caughtUpTo(10);
    view.applyAll({ readings: [], headSeq: 20, gapSeq: Number.MAX_SAFE_INTEGER });
    expect(toNumber(account.missedSeq) / 1024 - createFakeClock().now()).toBe(5000);
  });
});

describe('a reading', () => {
  test('that this version does not understand is as if there were none', async () => {
    const { view, kept, pulls } = openView();
    const caught = view.catchUp();
    await setImmediate();
    const readings = [aReading('old', 10, 'what nobody can keep'), aReading('old', 20)];
    pulls[0]?.answer({ partition: 'old', headSeq: 20, readings });
    await caught;
    expect([view.isCurrent, view.headSeq, kept]).toEqual([true, 20, ['a job in 1']]);
  });
});

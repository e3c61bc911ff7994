import { describe, expect, test } from 'vitest';
import { ApiKey } from '../../src/auth/api-key.ts';
import { FleetLedger } from '../../src/fleet/fleet-ledger.ts';
import type { FleetLink, KeyState, Reading } from '../../src/fleet/fleet-link.ts';
import { FleetTime } from '../../src/fleet/fleet-time.ts';
import { KeyView } from '../../src/fleet/key-view.ts';
import { Admission } from '../../src/store/admission/admission.ts';
import { LogicalClock } from '../../src/store/admission/logical-clock.ts';
import { UpstreamError } from '../../src/upstream/upstream-error.ts';
import { WINDOW_MS } from '../support/account-builder.ts';
import { createFakeClock } from '../support/fake-clock.ts';

const SECRETS = ['a secret of thirty-two characters'];

/** A view over a link whose pulls are answered when the test says so, and what it has put into the cache. */
function openView() {
  const clock = createFakeClock();
  const pulls: ((state: Partial<KeyState>) => void)[] = [];
  const link = {
    isUp: true,
    isListening: true,
    nowMs: () => clock.now(),
    follow: async () => () => {},
    pull: () =>
      new Promise<KeyState>((resolve) => {
        pulls.push((state) => resolve({ ...NOTHING, ...state }));
      }),
  } as Partial<FleetLink> as FleetLink;
  const limits = { requests: 100, windowMs: WINDOW_MS };
  const logicalClock = new LogicalClock(clock);
  const newLedger = () => new FleetLedger({ shared: limits, alone: limits, isShared: () => true });
  const admission = new Admission({ limits, newLedger, clock, logicalClock, random: () => 1 });
  const key = new ApiKey('alice-key');
  const account = admission.accountOf(key);
  const kept: number[] = [];
  const view = new KeyView({
    link,
    time: new FleetTime(link, clock),
    clock,
    secrets: SECRETS,
    key,
    account,
    admission,
    logicalClock,
    keep: ({ partition }) => kept.push(partition),
    onNews() {},
    observe() {},
  });
  const readingOf = (partition: string, readSeq: number): Reading => {
    const subject = view.seal.nameOf('job a:1');
    const place = { partition, subject, askedSeq: readSeq - 1 };
    const about = { resource: 'job', what: 'a:1', group: 'a:1', span: { start: 0, end: 1 } };
    const answer = new UpstreamError('not-found', 'There is no such job.');
    const sealed = view.sealReading('job a:1', about, answer, place) ?? '';
    const sent = { request: `r_${readSeq}`, atMs: clock.now() };
    return { readSeq, readMs: clock.now(), askedSeq: readSeq - 1, subject, sealed, sent };
  };
  /** Waits until so many pulls are under way, and answers the last one. */
  const answerPull = async (count: number, state: Partial<KeyState>) => {
    await expect.poll(() => pulls.length).toBe(count);
    pulls.at(-1)?.(state);
  };
  return { view, account, kept, readingOf, answerPull };
}

const NOTHING: KeyState = {
  partition: null,
  headSeq: 0,
  readings: [],
  refused: null,
  heldUntilMs: null,
  isProven: false,
  sent: [],
};

describe('the view of a key', () => {
  test('is current once all is applied', async () => {
    const { view, account, kept, readingOf, answerPull } = openView();
    const caught = view.catchUp();
    await answerPull(1, { partition: 'p1', headSeq: 10, readings: [readingOf('p1', 10)] });
    await caught;
    expect(view.isCurrent).toBe(true);
    expect(kept).toEqual([account.partition]);
  });

  test('takes no readings that a refusal has overtaken', async () => {
    const { view, account, kept, readingOf, answerPull } = openView();
    const first = view.catchUp();
    await answerPull(1, { partition: 'p1' });
    await first;
    view.detach();
    const late = view.catchUp();
    await expect.poll(() => view.isCurrent).toBe(false);
    account.refuse(new UpstreamError('unauthenticated', '401'), Number.POSITIVE_INFINITY);
    view.moved('p2');
    const { partition } = account;
    await answerPull(2, { partition: 'p1', headSeq: 10, readings: [readingOf('p1', 10)] });
    await late;
    expect(kept).toEqual([]);
    expect(account.partition).toBe(partition);
    expect([view.partition, view.isCurrent]).toEqual(['p2', false]);
  });

  test('does not open a reading that was put into another partition, or at another time', async () => {
    const { view, kept, readingOf, answerPull } = openView();
    const caught = view.catchUp();
    const moved = readingOf('p0', 10);
    const renewed = { ...readingOf('p1', 11), askedSeq: 99 };
    await answerPull(1, { partition: 'p1', headSeq: 11, readings: [moved, renewed] });
    await caught;
    expect(kept).toEqual([]);
  });
});

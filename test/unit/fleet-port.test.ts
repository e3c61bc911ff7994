import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { ApiKey } from '../../src/auth/api-key.ts';
import { createFleetSeam } from '../../src/fleet/create-fleet-seam.ts';
import type { FleetLink } from '../../src/fleet/fleet-link.ts';
import { KeySeal } from '../../src/fleet/key-seal.ts';
import { Admission } from '../../src/store/admission/admission.ts';
import { LogicalClock } from '../../src/store/admission/logical-clock.ts';
import { aKeyState } from '../support/a-key-state.ts';
import { aPendingRequest, WINDOW_MS } from '../support/account-builder.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { ADMISSION_LIMITS } from '../support/store-limits.ts';

const LIMITS = { requests: 100, windowMs: WINDOW_MS };

/** The way upstream of a replica over a link that knows nothing of any key. */
function openPort(more: Partial<FleetLink>) {
  const clock = createFakeClock();
  const logicalClock = new LogicalClock(clock);
  const link = {
    isUp: true,
    isListening: true,
    nowMs: () => clock.now(),
    follow: async () => () => {},
    pull: async () => aKeyState(),
    onChange() {},
    onReconnect() {},
    ...more,
  } satisfies Partial<FleetLink> as Partial<FleetLink> as FleetLink;
  const seam = createFleetSeam({ link, clock, limits: LIMITS, secrets: ['a secret'], size: 2 });
  const newLedger = () => seam.newLedger();
  const admission = new Admission({
    ...ADMISSION_LIMITS,
    limits: LIMITS,
    newLedger,
    clock,
    logicalClock,
    random: () => 1,
  });
  const port = seam.openPort({ admission, logicalClock, keep() {} });
  const readerOf = (name: string) => {
    const key = new ApiKey(name);
    return { key, account: admission.accountOf(key) };
  };
  return { port, admission, readerOf };
}

test('a replica heals one key after the other, so that no command takes long', async () => {
  const healers: ((isEmptied: boolean) => Promise<void>)[] = [];
  const healed: (() => void)[] = [];
  const { port, readerOf } = openPort({
    isUp: false,
    heal: () => new Promise<void>((resolve) => healed.push(resolve)),
    onReconnect: (healer) => void healers.push(healer),
  });
  for (const name of ['alice', 'bob', 'carol']) {
    const { key, account } = readerOf(name);
    await port.enter(aPendingRequest(account, { key }));
  }

  const isHealed = healers[0]?.(true);
  const underWay: number[] = [];
  for (let keys = 1; keys <= 3; keys += 1) {
    await setImmediate();
    underWay.push(healed.length);
    healed.at(-1)?.();
  }
  await isHealed;
  expect(underWay).toEqual([1, 2, 3]);
});

test('a key that was accepted is followed on, however many others are tried', async () => {
  const alice = new KeySeal(new ApiKey('alice'), ['a secret']).name;
  const followed: string[] = [];
  const left: string[] = [];
  const { port, admission, readerOf } = openPort({
    async follow(name) {
      followed.push(name);
      return () => void left.push(name);
    },
  });
  await port.catchUp(readerOf('alice'));
  admission.noteProven(readerOf('alice').account);
  expect(port.catchUp(readerOf('alice'))).toBeNull();
  for (let index = 0; index < 10_001; index += 1) await port.catchUp(readerOf(`made up ${index}`));
  expect([left.length, left.includes(alice)]).toEqual([1, false]);
  expect(port.catchUp(readerOf('alice'))).toBeNull();
  expect(followed.filter((name) => name === alice)).toHaveLength(1);
});

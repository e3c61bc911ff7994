import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { ApiKey } from '../../src/auth/api-key.ts';
import { createShare } from '../../src/fleet/create-share.ts';
import type { FleetLink } from '../../src/fleet/fleet-link.ts';
import { Admission } from '../../src/store/admission/admission.ts';
import { LogicalClock } from '../../src/store/admission/logical-clock.ts';
import { aPendingRequest, WINDOW_MS } from '../support/account-builder.ts';
import { createFakeClock } from '../support/fake-clock.ts';

const LIMITS = { requests: 100, windowMs: WINDOW_MS };

test('a replica heals one key after the other, so that no command takes long', async () => {
  const clock = createFakeClock();
  const logicalClock = new LogicalClock(clock);
  const healers: ((isEmptied: boolean) => Promise<void>)[] = [];
  const healed: (() => void)[] = [];
  const link = {
    isUp: false,
    isListening: false,
    nowMs: () => clock.now(),
    heal: () => new Promise<void>((resolve) => healed.push(resolve)),
    onChange() {},
    onReconnect: (healer) => void healers.push(healer),
  } satisfies Partial<FleetLink> as Partial<FleetLink> as FleetLink;
  const share = createShare({ link, clock, limits: LIMITS, secrets: ['a secret'], size: 2 });
  const newLedger = () => share.newLedger();
  const admission = new Admission({ limits: LIMITS, newLedger, clock, logicalClock, random: () => 1 });
  const port = share.openPort({ admission, logicalClock, keep() {} });
  for (const key of ['alice', 'bob', 'carol'].map((name) => new ApiKey(name))) {
    await port.enter(aPendingRequest(admission.accountOf(key), { key }));
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

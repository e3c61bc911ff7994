import { setImmediate } from 'node:timers/promises';
import type { TestGateway } from './create-test-gateway.ts';

/** The ordinary `UPSTREAM_TIMEOUT_MS`: each request to upstream has a call scheduled for then. */
const TIMEOUT_MS = 20_000;

/** In so many turns of the event loop a request that was just sent has arrived and is executed. */
const ARRIVAL_TURNS = 5;

/** Lets time pass, and waits until the gateway has done all that follows. Upstream must answer. */
export async function passTime(gateway: Pick<TestGateway, 'clock'>, ms: number): Promise<void> {
  gateway.clock.advance(ms);
  await settled(gateway);
}

/** The same from one scheduled call to the next, so that what follows from each happens at its own time. */
export async function passTimeCallByCall(gateway: Pick<TestGateway, 'clock'>, ms: number): Promise<void> {
  const { clock } = gateway;
  const endMs = clock.now() + ms;
  while (clock.now() < endMs) {
    await passTime(gateway, Math.min(clock.untilNextMs ?? ms, endMs - clock.now()));
  }
}

/** Lets so many turns of the event loop pass. */
export async function passTurns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await setImmediate();
}

/** Waits until the few requests that were just sent are executed. */
export function arrived(): Promise<void> {
  return passTurns(ARRIVAL_TURNS);
}

/** Waits until the gateway has no request to upstream under way. */
export async function settled({ clock }: Pick<TestGateway, 'clock'>): Promise<void> {
  do {
    // Whatever is about to ask does so by then.
    await arrived();
  } while (clock.pendingFor(TIMEOUT_MS) > 0);
  await setImmediate();
}

import { setTimeout } from 'node:timers/promises';

/** Acts at any moment of an exchange that takes so long, in milliseconds: what upstream reads may be old when it arrives. */
export async function duringExchange<T>(wholeMs: number, act: () => T | Promise<T>): Promise<T> {
  const beforeMs = Math.random() * wholeMs;
  await setTimeout(beforeMs);
  const reply = await act();
  await setTimeout(wholeMs - beforeMs);
  return reply;
}

import { setImmediate } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import type { Bell } from '../../src/fleet/fleet-link.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { createFakeFleetServer } from '../support/fake-fleet-server.ts';
import { landing, nothingMore, question } from '../support/fleet-link-contract.ts';

const NAME = 'key';

function setup() {
  const clock = createFakeClock();
  const server = createFakeFleetServer(clock);
  const [a, b] = [server.connect('a'), server.connect('b')];
  const pass = async (ms: number) => {
    clock.advance(ms);
    await setImmediate();
  };
  return { server, a, b, pass };
}

describe('the fake server', () => {
  test('takes its links down when it stops, and heals them before they go up', async () => {
    const { server, a, pass } = setup();
    const events: string[] = [];
    a.onChange(() => events.push(`up ${a.isUp}, listening ${a.isListening}`));
    a.onReconnect(async (isEmptied) => {
      events.push(`heal, emptied ${isEmptied}, up ${a.isUp}`);
      await a.heal(NAME, nothingMore('p'));
    });

    server.stop();
    await expect(a.ask(NAME, question())).rejects.toThrow('down');
    await pass(3000);
    server.start();
    await pass(1000);

    expect(events).toEqual([
      'up true, listening false',
      'up false, listening false',
      'heal, emptied false, up false',
      'up true, listening false',
      'up true, listening true',
    ]);
    expect(server.inspect(NAME).partition).toBe('p');
  });

  test('takes its links down for five seconds after it lost its data', async () => {
    const { server, a, pass } = setup();
    await a.ask(NAME, question());
    const healed: boolean[] = [];
    a.onReconnect(async (isEmptied) => void healed.push(isEmptied));

    server.empty();
    expect([a.isUp, server.inspect(NAME).partition]).toEqual([true, null]);
    await pass(1000);
    expect([a.isUp, healed]).toEqual([false, [true]]);
    await pass(4999);
    expect(a.isUp).toBe(false);
    await pass(1);
    expect([a.isUp, healed]).toEqual([true, [true, false]]);
  });

  test('shares no large landing while it is full', async () => {
    const { server, a } = setup();
    server.full = true;
    expect(await a.land(NAME, landing('p', { sealed: 'x'.repeat(65_536) }))).toMatchObject({
      isShared: false,
    });
    expect(server.inspect(NAME).readings).toEqual([]);
  });

  test('drops the bells that it is told to drop', async () => {
    const { server, a, b } = setup();
    const bells: Bell[] = [];
    await b.follow(NAME, (bell) => bells.push(bell));
    server.dropBells(({ kind }) => kind === 'landed');
    await a.land(NAME, landing('p'));
    server.dropBells(() => false);
    await a.land(NAME, landing('p'));
    await setImmediate();
    expect(bells).toHaveLength(1);
  });

  test('does a command half of its latency after it was sent, and answers after the other half', async () => {
    const { server, a, pass } = setup();
    server.latencyMs = 80;
    const kinds: string[] = [];
    void a.ask(NAME, question()).then(({ kind }) => kinds.push(kind));
    await pass(40);
    expect([server.inspect(NAME).claims.length, kinds]).toEqual([1, []]);
    await pass(40);
    expect(kinds).toEqual(['go']);
  });

  test('takes a link down for a second when a command takes longer than 100 ms', async () => {
    const { server, a, pass } = setup();
    server.latencyMs = 300;
    const asked = expect(a.ask(NAME, question())).rejects.toThrow('100 ms');
    await pass(100);
    await asked;
    expect(a.isUp).toBe(false);
    server.latencyMs = 0;
    await pass(1000);
    expect(a.isUp).toBe(true);
  });
});

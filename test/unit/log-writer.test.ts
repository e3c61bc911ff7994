import { execFileSync } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, readFileSync, readSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../src/lib/clock.ts';
import { LogWriter } from '../../src/server/log-writer.ts';

/** As long as one line may be here, so that few of them are too many. */
const LINE = `${'x'.repeat(1023)}\n`;
const MEBIBYTE = 1024 * 1024;

const COUNT = 3000;

/** A path for a file that goes with the test. */
function findPath(): string {
  const folder = mkdtempSync(join(tmpdir(), 'log-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return join(folder, 'log');
}

function open(path: string, flags: string | number) {
  const fd = openSync(path, flags);
  onTestFinished(() => closeSync(fd));
  const losses: number[] = [];
  return { fd, losses, writer: new LogWriter({ fd, clock: systemClock, onLoss: (n) => losses.push(n) }) };
}

/** A pipe that is written and read at the same end. */
function openPipe() {
  const path = findPath();
  execFileSync('mkfifo', [path]);
  const pipe = open(path, constants.O_RDWR | constants.O_NONBLOCK);
  /** Reads until this holds of all that came since the last time. */
  const readUntil = async (isWhole: (text: string) => boolean) => {
    const buffer = Buffer.alloc(MEBIBYTE);
    let text = '';
    while (!isWhole(text)) {
      try {
        text += buffer.toString('utf8', 0, readSync(pipe.fd, buffer));
      } catch {
        // It is empty.
        await wait(1);
      }
    }
    return text;
  };
  return { ...pipe, readUntil };
}

test('writes all lines to a file in their order, also those that come last', async () => {
  const path = findPath();
  const { writer, losses } = open(path, 'a');
  const lines = Array.from({ length: 1000 }, (_, index) => `${index}ü\n`);
  for (const line of lines.slice(0, 500)) writer.write(line);
  while (readFileSync(path, 'utf8') !== lines.slice(0, 500).join('')) await wait(1);
  for (const line of lines.slice(500)) writer.write(line);
  await wait(1);
  writer.flushSync();
  while (readFileSync(path, 'utf8').length < lines.join('').length) await wait(1);
  expect([readFileSync(path, 'utf8'), losses]).toEqual([lines.join(''), []]);
});

test('keeps no more than a bounded number of lines for a reader that does not read, and says how many it left out', async () => {
  const { writer, losses, readUntil } = openPipe();
  for (let count = 0; count < COUNT; count++) writer.write(LINE);
  const isWhole = (text: string) =>
    losses.length > 0 && text.length >= (COUNT - (losses[0] ?? 0)) * LINE.length;
  const lines = (await readUntil(isWhole)).length / LINE.length;
  expect(lines).toBeGreaterThan(MEBIBYTE / LINE.length - 1);
  expect(losses).toEqual([COUNT - lines]);
});

test('writes on where a reader begins to read again', async () => {
  const { writer, readUntil } = openPipe();
  for (let count = 0; count < 500; count++) writer.write(LINE);
  const text = await readUntil(({ length }) => length >= 500 * LINE.length);
  expect(text).toBe(LINE.repeat(500));
  writer.write('again\n');
  expect(await readUntil((more) => more !== '')).toBe('again\n');
});

test('waits no longer than a second at the end for a reader that does not read', async () => {
  const { writer } = openPipe();
  for (let count = 0; count < 500; count++) writer.write(LINE);
  await wait(50);
  const startedAtMs = performance.now();
  writer.flushSync();
  expect(performance.now() - startedAtMs).toBeLessThan(5000);
});

test('drops its lines at the end where the disk is full', async () => {
  const { writer } = open('/dev/full', 'a');
  writer.write(LINE);
  writer.write(LINE);
  writer.flushSync();
  await wait(50);
  writer.write(LINE);
  writer.flushSync();
  expect(() => writer.flushSync()).not.toThrow();
});

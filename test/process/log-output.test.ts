import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { findSteadyPort } from '../support/find-steady-port.ts';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));

/** More than what pipes and sockets take by themselves. */
const LOG_BYTES = 1_000_000;

/** Starts the built gateway with this standard output, and waits until it answers. It ends with the test. */
async function start(output: number | 'pipe') {
  const port = await findSteadyPort();
  const gateway = spawn(process.execPath, ['dist/main.js'], {
    cwd: PROJECT,
    env: { PORT: port, QBRAID_API_URL: 'http://127.0.0.1:1', UPSTREAM_TIMEOUT: 'unknown' },
    stdio: ['ignore', output, 'inherit'],
  });
  onTestFinished(() => void gateway.kill('SIGKILL'));
  const ended = once(gateway, 'exit').then(([code]) => code);
  const url = `http://127.0.0.1:${port}/graphql`;
  while (!(await isAnswered(url)));
  return { url, signal: () => void gateway.kill('SIGTERM'), ended };
}

/** Whether an operation is answered. It is logged. */
async function isAnswered(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-api-key': 'alice-key' },
      body: JSON.stringify({ query: '{ __typename }' }),
    });
    return response.ok && (await response.text()) !== '';
  } catch {
    return false;
  }
}

test('a disk without room for its log neither keeps the gateway from answering nor from ending', async () => {
  const full = openSync('/dev/full', 'a');
  onTestFinished(() => closeSync(full));
  const { url, signal, ended } = await start(full);
  expect(await isAnswered(url)).toBe(true);
  signal();
  expect(await ended).toBe(0);
});

test('a log that nobody reads neither keeps the gateway from answering nor from ending', async () => {
  const { url, signal, ended } = await start('pipe');
  // A line about an operation takes some 300 bytes.
  for (let bytes = 0; bytes < LOG_BYTES; bytes += 300 * 50) {
    await Promise.all(Array.from({ length: 50 }, () => isAnswered(url)));
  }
  signal();
  expect(await ended).toBe(0);
});

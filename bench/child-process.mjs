import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { CORES } from './cores.mjs';

/** Starts a Node program on these cores: `server` or `others`. `taskset` becomes Node, and so keeps its pid. */
export function startNode(args, { cores, env = {}, stdout = 'inherit', cwd = undefined }) {
  const node = [process.execPath, ...args];
  const [command, ...rest] =
    CORES === null ? node : ['taskset', '--cpu-list', [CORES[cores]].flat().join(','), ...node];
  const child = spawn(command, rest, {
    cwd,
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', stdout, 'inherit', 'ipc'],
  });
  // Whatever ends this process, none of its servers stays behind.
  process.once('exit', () => child.kill('SIGKILL'));
  return child;
}

process.setMaxListeners(0);
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));

export async function endProcess(child) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
}

/** The next message of a process. Rejects if it ends first. */
export async function nextMessage(child) {
  const ended = new AbortController();
  const exit = once(child, 'exit', { signal: ended.signal }).then(([code, signal]) => {
    throw new Error(`${child.spawnargs.join(' ')} ended with ${code ?? signal}`);
  });
  try {
    const [message] = await Promise.race([once(child, 'message', { signal: ended.signal }), exit]);
    return message;
  } finally {
    exit.catch(() => {});
    ended.abort();
  }
}

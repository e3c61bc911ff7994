import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { nextMessage } from './child-process.mjs';

const HAS_PROC = existsSync('/proc/self/stat');

/** How long one tick of the system's accounts is. */
const TICK_MICROS = HAS_PROC ? 1e6 / Number(execFileSync('getconf', ['CLK_TCK'])) : 0;

/** Where the system has no `/proc`, the server is started with this, and answers for itself. */
const PROBE = `data:text/javascript,
  process.on('message', () => {
    const { user, system } = process.cpuUsage();
    process.send({ cpuMicros: user + system, peakBytes: process.resourceUsage().maxRSS * 1024 });
  });`;

export const PROBE_ARGS = HAS_PROC ? [] : ['--import', PROBE];

/** The processor time that a process and its children have used, in microseconds, and the most memory that they had at once. */
export async function costOf(child) {
  if (HAS_PROC) {
    const pids = treeOf(child.pid);
    return { cpuMicros: sum(pids.map(cpuMicrosOf)), peakBytes: sum(pids.map(peakBytesOf)) };
  }
  child.send('');
  return nextMessage(child);
}

function treeOf(pid) {
  const children = readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
    readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').split(' ').filter(Boolean),
  );
  return [pid, ...children.flatMap(treeOf)];
}

/** User and system time of all threads. The name of the program, in parentheses, may hold spaces. */
function cpuMicrosOf(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * TICK_MICROS;
}

function peakBytesOf(pid) {
  const [, kibibytes] = /^VmHWM:\s*(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Number(kibibytes) * 1024;
}

function sum(numbers) {
  return numbers.reduce((total, number) => total + number, 0);
}

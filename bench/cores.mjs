import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

/** The processors that this process may use: none where the system does not say. */
function allowedCores() {
  if (!existsSync('/proc/self/status')) return [];
  const [, list] = /^Cpus_allowed_list:\s*(\S+)$/m.exec(readFileSync('/proc/self/status', 'utf8'));
  return list.split(',').flatMap((range) => {
    const [first, last = first] = range.split('-').map(Number);
    return Array.from({ length: last - first + 1 }, (_, index) => first + index);
  });
}

function hasTaskset() {
  try {
    execFileSync('taskset', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

function planCores() {
  const cores = allowedCores();
  if (cores.length < 2 || !hasTaskset()) return null;
  return { server: cores.at(-1), others: cores.slice(0, -1) };
}

/** The server has a core of its own, and the rest is for everybody else: null where processes cannot be pinned. */
export const CORES = planCores();

/** Whether the load generator and upstream share one core, so that their times add up. */
export const SHARES_CORE = (CORES?.others.length ?? 1) === 1;

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

/** What a program left behind. */
export interface Ending {
  /** The exit code; null where a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A run of the built program. */
export interface Program {
  /** Resolves with the first match in all that it prints. Rejects if it ends without one. */
  printed(pattern: RegExp): Promise<RegExpExecArray>;
  signal(name: NodeJS.Signals): void;
  /** Resolves once it has ended and its output is read. */
  readonly ended: Promise<Ending>;
}

/** Runs `node dist/main.js` with these variables alone. What still runs when the test ends is killed. */
export function runProgram(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Program {
  const child = spawn(process.execPath, ['dist/main.js', ...args], {
    cwd: fileURLToPath(new URL('../..', import.meta.url)),
    env: { ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      output[name] += text;
    });
  }
  return {
    printed: (pattern) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const match = pattern.exec(output.stdout + output.stderr);
          if (match) resolve(match);
        };
        child.stdout.on('data', look);
        child.stderr.on('data', look);
        child.once('close', () => {
          reject(new Error(`ended without printing ${pattern}:\n${output.stdout}${output.stderr}`));
        });
        look();
      }),
    signal: (name) => void child.kill(name),
    ended: once(child, 'close').then(([code]) => ({ code, ...output })),
  };
}

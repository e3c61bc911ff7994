import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { createWaiters } from './create-waiters.ts';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));

/** The variables of a program, by name. */
export type Environment = Readonly<Record<string, string>>;

/** What a program left behind. */
export interface Ending {
  /** The exit code; null where a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A program that runs. */
export interface Program {
  /** Resolves with the first match in all that it prints. Rejects if it ends without one. */
  printed(pattern: RegExp): Promise<RegExpExecArray>;
  signal(name: NodeJS.Signals): void;
  /** Resolves once it has ended and its output is read. */
  readonly ended: Promise<Ending>;
}

/**
 * Runs `node dist/main.js` with these variables alone. What still runs when the test ends is killed.
 *
 * @param folder is where `dist/` stands. @default that of the project
 */
export function runProgram(
  args: readonly string[],
  environment: Environment = {},
  folder = PROJECT,
): Program {
  const program = startProgram(args, environment, folder);
  onTestFinished(() => program.signal('SIGKILL'));
  return program;
}

/** The same for several tests: whoever starts it ends it. */
export function startProgram(
  args: readonly string[],
  environment: Environment = {},
  folder = PROJECT,
): Program {
  return startNode(['dist/main.js', ...args], environment, folder);
}

/** Runs Node with these arguments and these variables alone, in a folder. Whoever starts it ends it. */
export function startNode(args: readonly string[], environment: Environment, folder: string): Program {
  const child = spawn(process.execPath, args, {
    cwd: folder,
    env: { ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = { stdout: '', stderr: '' };
  const { tell, until } = createWaiters();
  let hasEnded = false;
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      output[name] += text;
      tell();
    });
  }
  return {
    async printed(pattern) {
      const match = () => pattern.exec(output.stdout + output.stderr);
      await until(() => hasEnded || match() !== null);
      const first = match();
      if (first === null) {
        throw new Error(`ended without printing ${pattern}:\n${output.stdout}${output.stderr}`);
      }
      return first;
    },
    signal: (name) => void child.kill(name),
    ended: once(child, 'close').then(([code]) => {
      hasEnded = true;
      tell();
      return { code, ...output };
    }),
  };
}

import { execFileSync } from 'node:child_process';

/** Builds the program, once for all tests that run it. */
export function setup(): void {
  execFileSync('npx', ['rolldown', '--config', '--log-level', 'warn'], { stdio: 'inherit' });
}

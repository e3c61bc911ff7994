import { execFileSync } from 'node:child_process';

/** Builds the program, once for all tests that run it. */
export function setup(): void {
  execFileSync('npm', ['run', '--silent', 'build'], { stdio: 'inherit' });
}

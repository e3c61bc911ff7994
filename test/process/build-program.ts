import { execFileSync } from 'node:child_process';

/** Builds the program, once for all tests that run it. Types are left to `npm run types`, which takes five times longer. */
export function setup(): void {
  execFileSync('npx', ['tsc', '-p', 'tsconfig.build.json', '--noCheck'], { stdio: 'inherit' });
}

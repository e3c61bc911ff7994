import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { promisify } from 'node:util';
import { setup as buildProgram } from './build-program.ts';

const run = promisify(execFile);

/** Builds the program, and each example app as its README says, once for all tests that run them. */
export async function setup(): Promise<void> {
  await buildProgram();
  const folders = readdirSync('examples', { withFileTypes: true }).filter((entry) => entry.isDirectory());
  // One after the other: each of them takes all of a small machine.
  for (const { name } of folders) {
    await run('node', ['scripts/install-in.mjs', `examples/${name}`]);
    await run('npm', ['run', 'build', '--prefix', `examples/${name}`]);
  }
}

import { execFile } from 'node:child_process';
import { cpSync, existsSync, readdirSync } from 'node:fs';
import { promisify } from 'node:util';
import { setup as buildProgram } from './build-program.ts';

const run = promisify(execFile);

/** Builds the program, and each example app as its README says, once for all tests that run them. */
export async function setup(): Promise<void> {
  await buildProgram();
  const folders = readdirSync('examples').filter((name) => existsSync(`examples/${name}/package.json`));
  await run('npm', ['run', 'build', '--prefix', 'clients']);
  await Promise.all(folders.map((name) => run('node', ['scripts/install-in.mjs', `examples/${name}`])));
  // One after the other: each of them takes all of a small machine.
  for (const name of folders) {
    // npm copied the package when it installed the app: that may be long ago.
    cpSync('clients/dist', `examples/${name}/node_modules/qbraid-graphql-clients/dist`, { recursive: true });
    await run('npm', ['run', 'build', '--if-present', '--prefix', `examples/${name}`]);
  }
}

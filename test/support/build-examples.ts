import { execFile } from 'node:child_process';
import { cpSync, existsSync, readdirSync } from 'node:fs';
import { promisify } from 'node:util';
import { setup as buildProgram } from './build-program.ts';

const run = promisify(execFile);

/** Builds the program, and each example app as its README says, once for all tests that run them. */
export async function setup(): Promise<void> {
  const folders = readdirSync('examples').filter((name) => existsSync(`examples/${name}/package.json`));
  const install = (name: string) => run('node', ['scripts/install-in.mjs', `examples/${name}`]);
  await Promise.all([buildProgram(), ...folders.map(install)]);
  await run('npm', ['run', 'build', '--prefix', 'clients']);
  const build = async (name: string) => {
    // npm copied the package when it installed the app: that may be long ago.
    cpSync('clients/dist', `examples/${name}/node_modules/qbraid-graphql-clients/dist`, { recursive: true });
    await run('npm', ['run', 'build', '--if-present', '--prefix', `examples/${name}`]);
  };
  await Promise.all(folders.map(build));
}

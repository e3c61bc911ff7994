import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** Builds the program, once for all tests that run it. */
export async function setup(): Promise<void> {
  await promisify(execFile)('npm', ['run', 'build']);
}
